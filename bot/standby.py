"""The standby: answers in our own process while Rasa is away, by the same rules and with the same actions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actions.acts import Acts, Understood
from actions.dialogue.dialogue import FORMS
from actions.store.talks import Received
from nlu.intents import IntentModel
from nlu.yaml_file import read_yaml

_LONGEST_CHAIN = 8
UNSURE = 0.25
"""Below this probability an intent is no better than a guess: the words are searched for."""


def read_rules(folder: Path) -> Mapping[str, str]:
    """Which action follows which intent, from Rasa's own rule files, so that the two never differ."""
    rules: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        for rule in read_yaml(path)["rules"]:
            steps = rule["steps"]
            if "intent" in steps[0] and "condition" not in rule:
                rules[steps[0]["intent"]] = next(step["action"] for step in steps[1:] if "action" in step)
    return rules


class Standby:
    """Runs the actions for a message without Rasa."""

    def __init__(self, acts: Acts, rules: Mapping[str, str], intents: IntentModel) -> None:
        self._acts, self._rules, self._intents = acts, rules, intents

    def understand(self, text: str, press: str = "") -> Understood:
        """The intent of a message: what a pressed button means, or the likeliest by its words."""
        if press.startswith("/"):
            return Understood(press[1:], 1.0, "standby")
        intent, probability = self._intents.classify(text)[0]
        return Understood(intent if probability >= UNSURE else "nlu_fallback", probability, "standby")

    def run(self, message: Received, state: Mapping[str, Any], understood: Understood, first: str | None) -> None:
        """Do what the rules say. `first` is the action that already began before Rasa went away, if one did."""
        action: str | None = first
        if action is None:
            loop = state.get("loop")
            action = loop or self._rules.get(understood.intent, "action_answer")
        for _ in range(_LONGEST_CHAIN):
            if action is None:
                return
            action = self._acts.do(message.id, FORMS.get(action, action), understood).follow

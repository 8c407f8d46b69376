"""Our actions as Rasa calls them, through rasa-sdk's executor in our own process: no third server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.acts import Acts, Understood
from actions.dialogue.dialogue import ACTIONS, FORMS, Done


class DialogueAction(Action):  # type: ignore[misc]
    """One action of the dialogue, under its own name. What was said is stored with the message, not sent to Rasa."""

    def __init__(self, name: str, acts: Acts) -> None:
        self._name, self._acts = name, acts

    def name(self) -> str:
        """The name that the rules use."""
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Run the action for the message named in the metadata, and tell Rasa what comes next."""
        latest = tracker.latest_message or {}
        intent = latest.get("intent") or {}
        understood = Understood(
            str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0), "rasa"
        )
        message_id = int(latest["metadata"]["message_id"])
        done = await asyncio.to_thread(self._acts.do, message_id, self._name, understood)
        dispatcher.messages.extend({"text": reply.text} for reply in done.replies)
        return _events(done)


def _events(done: Done) -> list[dict[str, Any]]:
    if done.action in FORMS.values():
        if done.loop is None:
            return [ActiveLoop(None), SlotSet("requested_slot", None)]
        return [SlotSet("requested_slot", done.requested)]
    if done.follow in FORMS:
        return [FollowupAction(done.follow)]
    return []


def executor(acts: Acts) -> ActionExecutor:
    """rasa-sdk's executor with every action of the dialogue registered."""
    runs = ActionExecutor()
    for name in ACTIONS:
        runs.register_action(DialogueAction(name, acts))
    return runs

"""The actions by name, as Rasa's rules and the standby call them, and what came of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from actions.dialogue import answer, emergency, intake, lookup, offers, social
from actions.dialogue.facts import is_key_zero, is_no, is_yes, wants_person
from actions.dialogue.matters import matters_in
from actions.dialogue.scene import Reply, Scene

Handler = Callable[[Scene], None]

ACTIONS: Mapping[str, Handler] = {
    "action_answer": answer.answer,
    "action_greet": social.greet,
    "action_goodbye": social.goodbye,
    "action_thanks": social.thanks,
    "action_repeat": social.repeat,
    "action_language": social.change_language,
    "action_human": social.ask_human,
    "action_affirm": offers.affirm,
    "action_deny": offers.deny,
    "action_cancel": social.cancel,
    "action_out_of_scope": social.out_of_scope,
    "action_emergency": emergency.answer,
    "validate_case_form": intake.validate,
    "action_ask_case_form_matter": intake.ask_matter,
    "action_ask_case_form_place": intake.ask_place,
    "action_ask_case_form_detail": intake.ask_detail,
    "action_ask_case_form_contact": intake.ask_contact,
    "action_ask_case_form_confirmed": intake.ask_confirmed,
    "action_case_form_done": intake.file_case,
    "action_progress": lookup.progress,
    "action_add_to_case": lookup.add_to_case,
    "action_withdraw": lookup.withdraw,
    "action_urge": lookup.urge,
    "action_rate": lookup.rate,
    "validate_lookup_form": lookup.validate,
    "action_ask_lookup_form_case_number": lookup.ask_number,
    "action_ask_lookup_form_phone_tail": lookup.ask_tail,
    "action_lookup_form_done": lookup.done,
}

FORMS: Mapping[str, str] = {"case_form": "validate_case_form", "lookup_form": "validate_lookup_form"}
"""The forms, and the action that takes in a message while one is active."""

_BY_INTENT = frozenset(
    {
        "action_answer", "action_greet", "action_goodbye", "action_thanks", "action_repeat", "action_language", "action_affirm", "action_deny",
        "action_cancel", "action_out_of_scope", "action_progress", "action_add_to_case", "action_withdraw", "action_urge", "action_rate",
        "action_human",
    }
)  # fmt: skip
"""The actions that a classifier's guess alone leads to: what the message says plainly goes before it."""

_GO_ON = re.compile(
    r"^(?:好的?|嗯|行|那)?[\s，,]*(?:你|您)?(?:接着|继续|往下|下一件|那件|说吧|讲吧|问吧)(?:说|讲|报|吧)*[。.!！吧啊呀]*$|"
    r"^(?:yes,? |ok(?:ay)?,? |please )*(?:go on|go ahead|carry on|continue|next(?: one)?)(?: please)?[.!]*$",
    re.I,
)
"""The resident wants to hear or report the matter that was offered."""

_ABOUT_A_CASE = frozenset({"action_progress", "action_add_to_case", "action_withdraw", "action_urge", "action_rate"})

_VERY_SURE = 0.85
"""From this probability on, a guess holds although no word of the message speaks for it."""

_TERSE = {"zh": 12, "en": 36}
"""A message longer than this many characters would say a word about the case that it means."""

_SURE = 0.6
"""From this probability on, a guess needs no second look."""

_LEAVE_OFFERS_OPEN = frozenset({"action_repeat", "action_language", "action_emergency"})
"""After any other action, what was offered before is no longer what a “2” would mean."""


@dataclass(frozen=True)
class Done:
    """What one action did: its replies, and the action or form that comes next (None: wait for the resident)."""

    action: str
    replies: tuple[Reply, ...]
    follow: str | None
    loop: str | None
    requested: str | None

    def as_json(self) -> dict[str, Any]:
        """The result as it is stored with the message."""
        return {
            "replies": [reply.as_json() for reply in self.replies],
            "follow": self.follow,
            "loop": self.loop,
            "requested": self.requested,
        }

    @classmethod
    def of_json(cls, action: str, body: Mapping[str, Any]) -> Done:
        """The result as it was stored."""
        return cls(action, tuple(map(Reply.of_json, body["replies"])), body["follow"], body["loop"], body["requested"])


_SMALL_TALK = frozenset({"action_greet", "action_thanks", "action_goodbye", "action_language", "action_repeat"})
"""A longer message that is faintly like one of these is more likely a question."""


def perform(action: str, scene: Scene) -> Done:
    """Run the action `action` on `scene`. Raises KeyError when there is no such action."""
    handler = ACTIONS[action]
    state = scene.state
    if (
        action == "action_emergency"
        and scene.heard.confidence < _VERY_SURE
        and scene.know.emergency_in(scene.heard.text, scene.heard.spoken) is None
    ):
        handler = answer.answer  # a faint guess, and none of the reviewed patterns: no reason to send for help
    offered = state.choices
    if state.offer == "withdraw" and action not in _LEAVE_OFFERS_OPEN | {"action_affirm"}:
        state.offer = ""  # it cannot be undone: only a yes right after the question counts
    if action in _BY_INTENT and state.loop is None:
        handler = _plainly_said(action, scene) or handler
    if action.startswith("action_ask_") and state.hush:
        state.hush = False
    else:
        handler(scene)
    if state.choices is offered and action not in _LEAVE_OFFERS_OPEN:
        state.choices = []
    if not scene.follow and action not in _LEAVE_OFFERS_OPEN:
        intake.remind(scene)
    return Done(action, tuple(scene.replies), scene.follow or None, state.loop, state.requested)


def _plainly_said(action: str, scene: Scene) -> Handler | None:
    """What the words themselves ask for, whatever the classifier took them for; None when they leave it open."""
    clean, unsure = scene.heard.clean, scene.heard.confidence < _SURE
    if wants_person(clean) or is_key_zero(clean):
        return social.ask_human
    if answer.choice_among(scene, scene.state.choices):
        return answer.answer
    if scene.state.offer == "next" and (_GO_ON.search(clean) or is_yes(clean)):
        return intake.take_up_offered
    if scene.state.offer == "next" and (is_no(clean) or intake.is_cancel(clean)):
        return intake.leave_offered
    if intake.is_bare_wish(clean) or intake.takes_up_offer(scene):
        return _open_case
    if matters := matters_in(scene):
        return partial(intake.take_apart_and_ask, matters=matters)
    if unsure and scene.know.manners.find(clean) is not None:
        return answer.answer
    about_a_case = action in _ABOUT_A_CASE
    doubtful = scene.heard.confidence < _VERY_SURE or len(clean) > _TERSE[scene.heard.language]
    no_word_of_it = about_a_case and doubtful and not lookup.speaks_of_a_case(scene)
    if (action == "action_answer" or unsure or no_word_of_it) and intake.tells_a_case(scene):
        scene.state.offer = ""  # another matter than the one we offered to report
        return _open_case
    if scene.state.duty and answer.is_follow_up(scene, scene.know.aspects.of(clean)) and (unsure or not about_a_case):
        return answer.answer
    if lookup.asks_for_progress(clean):
        return lookup.progress
    if no_word_of_it:
        return answer.answer
    if action == "action_cancel" and unsure and not intake.is_cancel(clean):
        return answer.answer
    if action in _SMALL_TALK and unsure and len(clean) > _TERSE[scene.heard.language]:
        return answer.answer
    return None


def _open_case(scene: Scene) -> None:
    scene.follow = "case_form"

"""One turn as a pure function: dialogue state and message in, intent, actions and new state out.

Rasa's own parts do the work (its parser, rules, forms, calls to our actions); only the tracker between them is ours:
it is built from the few facts of the state, lives as long as the turn, and is stored nowhere. So the hundredth turn
costs what the first did, a killed Rasa loses nothing, and any Rasa process can serve any conversation.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT, SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

CHANNEL = "jietong"
NOT_UNDERSTOOD = "nlu_fallback"


class BadState(ValueError):
    """The state names a form or a slot that the model does not know."""


@dataclass
class Turn:
    """What happened in one turn, as far as it came."""

    tracker: DialogueStateTracker
    parsed: dict[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    failed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The channel's answer; a turn in which nothing ran has failed."""
        return {
            **understood(self.parsed),
            "actions": self.actions,
            "failed": self.failed or not self.actions,
            "state": _state_of(self.tracker),
        }


def understood(parsed: dict[str, Any]) -> dict[str, Any]:
    """The intent and the three likeliest, each with its confidence from 0 to 1."""
    intent = parsed.get("intent") or {"name": None, "confidence": 0.0}
    ranking = parsed.get("intent_ranking") or [intent]
    return {"intent": _named(intent), "ranking": [_named(other) for other in ranking[:3]]}


def _named(intent: dict[str, Any]) -> dict[str, Any]:
    return {"name": intent.get("name"), "confidence": float(intent.get("confidence") or 0.0)}


def tracker_from(state: dict[str, Any], conversation: str, domain: Domain) -> DialogueStateTracker:
    """A tracker that stands where ``state`` says, listening. Raises BadState for names that the model lacks."""
    loop, requested = state.get("active_loop"), state.get("requested_slot")
    slots: dict[str, Any] = state.get("slots") or {}
    known = {slot.name for slot in domain.slots}
    if loop is not None and loop not in domain.form_names:
        raise BadState(f"no form is called {loop}")
    unknown = [name for name in (*slots, *([requested] if requested else [])) if name not in known]
    if unknown:
        raise BadState(f"no slot is called {', '.join(sorted(unknown))}")
    events: list[Event] = [SessionStarted(), *(SlotSet(name, value) for name, value in slots.items())]
    if loop is not None:
        events += [ActionExecuted(loop), ActiveLoop(loop), SlotSet(REQUESTED_SLOT, requested)]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    tracker = DialogueStateTracker(conversation, domain.slots)
    tracker.update_with_events(events, domain)
    return tracker


def _state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    hidden = (REQUESTED_SLOT, SESSION_START_METADATA_SLOT)
    return {
        "active_loop": tracker.active_loop_name,
        "requested_slot": tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None,
        "slots": {s.name: s.value for s in tracker.slots.values() if s.value is not None and s.name not in hidden},
    }


async def take(processor: MessageProcessor, turn: Turn, message: UserMessage) -> None:
    """Runs the turn with Rasa's own parts, writing into ``turn`` as it goes: whoever stops it sees how far it came."""
    tracker, domain = turn.tracker, processor.domain
    await processor._handle_message_with_tracker(message, tracker)
    turn.parsed = tracker.latest_message.parse_data
    if tracker.active_loop_name:
        _keep_the_form(tracker, domain)
    output = message.output_channel
    goes_on = True
    while goes_on:
        try:
            action, prediction = processor.predict_next_with_tracker_if_should(tracker)
        except ActionLimitReached:
            turn.failed = True
            return
        if action.name() != ACTION_LISTEN_NAME:
            turn.actions.append(action.name())
        goes_on = await processor._run_action(_Watched(action, turn), tracker, output, processor.nlg, prediction)


def _keep_the_form(tracker: DialogueStateTracker, domain: Domain) -> None:
    """Says the open question's slot once more, as it is.

    Rasa takes a message after which no slot was set as not meant for the form, leaves the form and tries the rules.
    Here the form takes every message: whether it is an answer, a digression or a cancel, our validation decides.
    """
    requested = tracker.get_slot(REQUESTED_SLOT)
    if requested:
        tracker.update(SlotSet(requested, tracker.get_slot(requested)), domain)


class _Watched(Action):
    """An action whose failure the turn remembers: Rasa itself only logs it and goes on."""

    def __init__(self, action: Action, turn: Turn) -> None:
        self._action = action
        self._turn = turn

    def name(self) -> str:
        return self._action.name()

    async def run(self, *arguments: Any, **more: Any) -> list[Event]:
        try:
            return await self._action.run(*arguments, **more)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self._turn.failed = True
            logger.warning("%s failed: %s", self.name(), type(error).__name__)
            raise

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> ActionExecuted:
        return self._action.event_for_successful_execution(prediction)


def message_from(body: dict[str, Any]) -> UserMessage:
    """Rasa's message for a request; its metadata reaches our actions as ``tracker.latest_message.metadata``.

    A known ``intent`` (a button was pressed) is taken as it is and the text is not parsed; neither is an empty text
    (a picture without a word), which nobody can understand.
    """
    text, intent = body["text"].strip(), body.get("intent")
    parsed = None
    if intent or not text:
        named = {"name": intent or NOT_UNDERSTOOD, "confidence": 1.0 if intent else 0.0}
        parsed = {"intent": named, "entities": [], "text": text}
    return UserMessage(
        text,
        CollectingOutputChannel(),
        body["conversation"],
        parse_data=parsed,
        input_channel=CHANNEL,
        message_id=body["message_id"],
        metadata={
            **(body.get("metadata") or {}),
            "message_id": body["message_id"],
            "language": body.get("language"),
        },
    )

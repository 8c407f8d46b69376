"""Running one action for one message: once, in one transaction, remembered for every retry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from actions.dialogue.dialogue import Done, perform
from actions.dialogue.emergency import caution
from actions.dialogue.heard import Heard
from actions.dialogue.scene import Knowledge, Scene
from actions.dialogue.state import TalkState
from actions.store.case_book import SqlCaseBook
from actions.store.store import Store
from actions.store.tables import EffectRow, MessageRow, TalkRow
from knowledge.listener import Listener


@dataclass(frozen=True)
class Understood:
    """What the resident wants, according to whoever decided (`by`: “rasa” or “standby”)."""

    intent: str
    confidence: float
    by: str


class Acts:
    """Does what the rules chose. State, cases, replies and the record that it was done commit together."""

    def __init__(self, store: Store, know: Callable[[], Knowledge], now: Callable[[], datetime]) -> None:
        self._store, self._know, self._now = store, know, now

    def do(self, message_id: int, action: str, understood: Understood) -> Done:
        """Run `action` for a message, or return what it did when it ran before.

        An action that comes from elsewhere than the one who has claimed the message does nothing.
        Raises KeyError for an unknown action, `sqlalchemy.exc.NoResultFound` for an unknown message.
        """
        with self._store.transaction() as session:
            message = session.get_one(MessageRow, message_id, with_for_update=True)
            before = session.get(EffectRow, (message_id, action))
            if before is not None:
                return Done.of_json(action, before.result)
            if message.status == "answered" or message.answered_by not in (None, understood.by):
                return Done(action, (), None, None, None)
            talk = session.get_one(TalkRow, message.talk_id, with_for_update=True)
            message.intent, message.confidence = understood.intent, understood.confidence
            state = TalkState.model_validate(talk.state)
            know = self._know()
            said = heard(message, understood, self._now(), know.listener)
            scene = Scene(said, state, know, SqlCaseBook(session))
            count = select(func.count()).where(EffectRow.message_id == message_id)
            position = session.scalar(count) or 0
            if position == 0 and action != "action_emergency" and not message.payload.get("press"):
                caution(scene)
            done = perform(action, scene)
            talk.state = state.model_dump(mode="json")
            session.add(EffectRow(message_id=message_id, action=action, position=position, result=done.as_json()))
            return done


def heard(message: MessageRow, understood: Understood, now: datetime, listener: Listener) -> Heard:
    """A stored message as the dialogue sees it."""
    payload: Mapping[str, Any] = message.payload
    pin, sure = payload.get("pin"), payload.get("confidence")
    spoken = bool(payload.get("spoken"))
    return Heard(
        message_id=message.id,
        talk_id=message.talk_id,
        text=message.text,
        clean=listener.plain(message.text, spoken),
        language="en" if payload.get("language") == "en" else "zh",
        script="hant" if payload.get("script") == "hant" else "hans",
        intent=understood.intent,
        confidence=understood.confidence,
        now=now,
        spoken=spoken,
        alternatives=[listener.plain(text, True) for text in payload.get("alternatives", ())],
        sureness=None if sure is None else float(sure),
        caller_phone=str(payload.get("caller_phone", "")),
        pin=(pin["lat"], pin["long"], pin["label"]) if pin else None,
        photos=int(payload.get("photos", 0)),
    )

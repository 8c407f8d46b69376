"""Messages and talks in the store: received once, answered once, whatever happens in between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.store.store import Store
from actions.store.tables import EffectRow, MessageRow, ReplyRow, TalkRow
from nlu.text.script import Language, Script, has_han, language_of, script_of


@dataclass(frozen=True)
class Received:
    """A message as it was stored. `status` is “answered” when a retry came after the answer."""

    id: int
    talk_id: int
    text: str
    payload: Mapping[str, Any]
    status: str
    received_at: datetime
    language: Language
    script: Script


@dataclass(frozen=True)
class Said:
    """One of our replies as it was stored."""

    id: int
    body: Mapping[str, Any]
    said_at: datetime
    in_reply_to: str | None


@dataclass(frozen=True)
class TalkLine:
    """One line of a talk, the resident's or ours."""

    who: str
    text: str
    at: datetime
    message_id: str = ""
    reply_id: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)


class Talks:
    """All talks of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def receive(
        self, channel: str, address: str, provider_id: str, text: str, payload: Mapping[str, Any], now: datetime
    ) -> Received:
        """Store a message, unique by channel and provider id; the same one again returns the first."""
        try:
            with self._store.transaction() as session:
                known = self._message(session, channel, provider_id)
                if known is None:
                    talk = self._talk(session, channel, address, payload.get("language") or _first_language(text), now)
                    talk.language = language_of(text, "en" if talk.language == "en" else "zh")
                    talk.script = script_of(text, "hant" if talk.script == "hant" else "hans")
                    marks = {**payload, "language": talk.language, "script": talk.script}
                    known = MessageRow(
                        talk_id=talk.id, channel=channel, provider_id=provider_id, text=text, payload=marks,
                        received_at=now, status="received",
                    )  # fmt: skip
                    session.add(known)
                    session.flush()
                return _received(known)
        except IntegrityError:
            # The same message (or the first two of a talk) arrived twice at once: the other one won.
            return self.receive(channel, address, provider_id, text, payload, now)

    def unanswered(self, talk_id: int | None = None, *, before: int | None = None) -> Sequence[Received]:
        """Messages that were stored and not answered, oldest first: what a crash left behind.

        Those of one talk, and those before a message, when asked so.
        """
        query = select(MessageRow).where(MessageRow.status == "received").order_by(MessageRow.id)
        if talk_id is not None:
            query = query.where(MessageRow.talk_id == talk_id)
        if before is not None:
            query = query.where(MessageRow.id < before)
        with self._store.transaction() as session:
            return [_received(row) for row in session.scalars(query)]

    def again(self, message_id: int) -> Received:
        """A stored message, as it is now."""
        with self._store.transaction() as session:
            return _received(session.get_one(MessageRow, message_id))

    def recent(self, message_id: int, window: timedelta) -> int:
        """How many messages a talk sent within `window` up to this one, itself included."""
        with self._store.transaction() as session:
            message = session.get_one(MessageRow, message_id)
            query = select(func.count()).where(
                MessageRow.talk_id == message.talk_id,
                MessageRow.id <= message_id,
                MessageRow.received_at > message.received_at - window,
            )
            return session.scalar(query) or 0

    def state(self, talk_id: int) -> Mapping[str, Any]:
        """The dialogue state of a talk."""
        with self._store.transaction() as session:
            return session.get_one(TalkRow, talk_id).state

    def claim(self, message_id: int, by: str) -> None:
        """From now on only `by` may act for this message: what comes late from elsewhere has no effect."""
        with self._store.transaction() as session:
            session.get_one(MessageRow, message_id, with_for_update=True).answered_by = by

    def first_action(self, message_id: int) -> str | None:
        """The action that already ran first for a message, if one did."""
        with self._store.transaction() as session:
            query = select(EffectRow.action).where(EffectRow.message_id == message_id).order_by(EffectRow.position)
            return session.scalars(query).first()

    def finish(self, message_id: int, extra: Sequence[Mapping[str, Any]], now: datetime) -> Sequence[Said]:
        """Make the replies of a message from what its actions said (or `extra` when they said nothing).

        Replies and the mark “answered” are one transaction; finishing again returns the same replies.
        """
        with self._store.transaction() as session:
            message = session.get_one(MessageRow, message_id, with_for_update=True)
            if message.status != "answered":
                effects = session.scalars(
                    select(EffectRow).where(EffectRow.message_id == message_id).order_by(EffectRow.position)
                ).all()
                bodies = [body for effect in effects for body in effect.result["replies"]] or list(extra)
                for position, body in enumerate(bodies):
                    session.add(
                        ReplyRow(
                            talk_id=message.talk_id, in_reply_to=message.id, position=position, body=body, said_at=now
                        )
                    )
                if not any(effect.action == "action_repeat" for effect in effects):
                    talk = session.get_one(TalkRow, message.talk_id, with_for_update=True)
                    talk.state = {**talk.state, "said": bodies}
                message.status, message.answered_at = "answered", now
                session.flush()
            return self._replies_to(session, message)

    def say(self, talk_id: int, body: Mapping[str, Any], now: datetime) -> None:
        """Say something in a talk of our own accord."""
        with self._store.transaction() as session:
            session.add(ReplyRow(talk_id=talk_id, body=dict(body), said_at=now))

    def replies_to(self, message_id: int) -> Sequence[Said]:
        """The replies to an answered message."""
        with self._store.transaction() as session:
            return self._replies_to(session, session.get_one(MessageRow, message_id))

    def said_after(self, channel: str, address: str, after: int) -> Sequence[Said]:
        """Everything we said in a talk after reply `after`, oldest first."""
        with self._store.transaction() as session:
            query = (
                select(ReplyRow, MessageRow.provider_id)
                .join(TalkRow, TalkRow.id == ReplyRow.talk_id)
                .outerjoin(MessageRow, MessageRow.id == ReplyRow.in_reply_to)
                .where(TalkRow.channel == channel, TalkRow.address == address, ReplyRow.id > after)
                .order_by(ReplyRow.id)
            )
            return [
                Said(reply.id, reply.body, reply.said_at, provider_id) for reply, provider_id in session.execute(query)
            ]

    def lines(self, channel: str, address: str) -> Sequence[TalkLine]:
        """The talk so far, as the resident saw it."""
        with self._store.transaction() as session:
            talk = session.scalar(select(TalkRow).where(TalkRow.channel == channel, TalkRow.address == address))
            if talk is None:
                return []
            messages = session.scalars(select(MessageRow).where(MessageRow.talk_id == talk.id))
            replies = session.scalars(select(ReplyRow).where(ReplyRow.talk_id == talk.id))
            lines = [
                (
                    (row.received_at, 0, row.id),
                    TalkLine("resident", row.text, row.received_at, message_id=row.provider_id),
                )
                for row in messages
            ]
            lines += [
                (
                    (row.said_at, 1, row.id),
                    TalkLine("us", row.body["text"], row.said_at, reply_id=row.id, body=row.body),
                )
                for row in replies
            ]
            return [line for _, line in sorted(lines, key=lambda pair: pair[0])]

    def mark_delivered(self, channel: str, address: str, up_to: int, now: datetime) -> None:
        """Remember that everything up to reply `up_to` reached the resident."""
        with self._store.transaction() as session:
            rows = session.scalars(
                select(ReplyRow)
                .join(TalkRow)
                .where(
                    TalkRow.channel == channel,
                    TalkRow.address == address,
                    ReplyRow.id <= up_to,
                    ReplyRow.delivered_at.is_(None),
                )
            )
            for row in rows:
                row.delivered_at = now

    @staticmethod
    def _message(session: Session, channel: str, provider_id: str) -> MessageRow | None:
        return session.scalar(
            select(MessageRow).where(MessageRow.channel == channel, MessageRow.provider_id == provider_id)
        )

    @staticmethod
    def _talk(session: Session, channel: str, address: str, language: object, now: datetime) -> TalkRow:
        talk = session.scalar(select(TalkRow).where(TalkRow.channel == channel, TalkRow.address == address))
        if talk is None:
            talk = TalkRow(channel=channel, address=address, language="en" if language == "en" else "zh", script="hans",
                           state={}, started_at=now)  # fmt: skip
            session.add(talk)
            session.flush()
        return talk

    @staticmethod
    def _replies_to(session: Session, message: MessageRow) -> Sequence[Said]:
        rows = session.scalars(select(ReplyRow).where(ReplyRow.in_reply_to == message.id).order_by(ReplyRow.position))
        return [Said(row.id, row.body, row.said_at, message.provider_id) for row in rows]


def _first_language(text: str) -> Language:
    """The language a talk begins in, when the provider does not say: a first “hello” is English."""
    return "en" if re.search(r"[A-Za-z]{2}", text) and not has_han(text) else "zh"


def _received(row: MessageRow) -> Received:
    return Received(
        row.id,
        row.talk_id,
        row.text,
        row.payload,
        row.status,
        row.received_at,
        "en" if row.payload.get("language") == "en" else "zh",
        "hant" if row.payload.get("script") == "hant" else "hans",
    )

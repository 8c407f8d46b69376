"""The tables. Times are UTC; every text a resident wrote stays here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite forgets the zone, this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSON, datetime: UtcDateTime}


class TalkRow(Base):
    """One resident on one channel, and where the talk stands."""

    __tablename__ = "talks"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    script: Mapped[str] = mapped_column(String(4), default="hans")
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]


class MessageRow(Base):
    """A message from a resident, stored before anything else happens to it."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("channel", "provider_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    provider_id: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    received_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16), default="received", index=True)
    intent: Mapped[str | None] = mapped_column(String(40))
    confidence: Mapped[float | None]
    answered_by: Mapped[str | None] = mapped_column(String(16))
    answered_at: Mapped[datetime | None]


class EffectRow(Base):
    """What an action did for a message: done once, remembered for every retry."""

    __tablename__ = "effects"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    action: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    result: Mapped[dict[str, Any]]


class ReplyRow(Base):
    """Something said to a resident: in reply to a message, or of our own accord (`in_reply_to` is null)."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("in_reply_to", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id"), index=True)
    in_reply_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    position: Mapped[int] = mapped_column(default=0)
    body: Mapped[dict[str, Any]]
    said_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class CaseRow(Base):
    """A case. `state` repeats what its history says, so that lists are quick."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(8), unique=True)
    talk_id: Mapped[int | None] = mapped_column(ForeignKey("talks.id"), index=True)
    """None for a case without a name: nothing leads from it to who reported it."""
    duty: Mapped[str] = mapped_column(String(8), index=True)
    list_version: Mapped[str] = mapped_column(String(24))
    office: Mapped[str] = mapped_column(String(32), index=True)
    community: Mapped[str | None] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    urgent: Mapped[bool]
    anonymous: Mapped[bool]
    contact: Mapped[dict[str, Any]]
    phone_tail: Mapped[str] = mapped_column(String(4))
    details: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), index=True)


class HappeningRow(Base):
    """One line of a case's history; rows are added and never changed."""

    __tablename__ = "happenings"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class HandoffRow(Base):
    """A resident who asked for a person, or for whom one is better."""

    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id"), index=True)
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(32))
    summary: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    taken_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]


class AlertRow(Base):
    """Something staff must see: red (emergency, crowd), yellow (surge), blue (a part of the system)."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]]


class AttemptRow(Base):
    """A failed look-up of a case, so that guessing is slowed."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id"), index=True)
    number: Mapped[str] = mapped_column(String(8), index=True)
    at: Mapped[datetime] = mapped_column(index=True)

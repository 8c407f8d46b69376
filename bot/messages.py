"""A message in and a message out, the same for every channel. Nothing behind `channels/` knows a provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["text", "photo", "place", "voice", "button", "other"]


@dataclass(frozen=True)
class Pin:
    """A shared place: WGS84 degrees and the label that came with it."""

    lat: float
    long: float
    label: str = ""


@dataclass(frozen=True)
class Inbound:
    """What a resident sent, its sender already checked by the channel.

    `message_id` is the provider's, unique within the channel; a retry carries the same one.
    """

    channel: str
    address: str
    """Who sent it, as the channel names them: opaque, never shown to anybody."""
    message_id: str
    text: str
    kind: Kind = "text"
    press: str = ""
    """What a pressed button means: an intent (“/affirm”) or words."""
    pin: Pin | None = None
    photos: int = 0
    spoken: bool = False
    """A transcript of speech; replies will be heard, not read."""
    alternatives: Sequence[str] = ()
    """A recogniser's other hearings, best first."""
    confidence: float | None = None
    """How sure the recogniser is of `text`, 0 to 1; None when it does not say."""
    caller_phone: str = ""
    language: Literal["zh", "en"] | None = None
    """The provider's menu language, for a message that has none of its own."""


@dataclass(frozen=True)
class Button:
    """A choice that is offered; `press` goes into `Inbound.press` when it is taken."""

    label: str
    press: str


@dataclass(frozen=True)
class Outbound:
    """What we say. `id` grows within a talk, so that a channel can ask for all that came after one."""

    id: int
    text: str
    buttons: tuple[Button, ...] = ()
    said_at: datetime | None = None
    in_reply_to: str | None = None
    """The provider id of the message this answers; None when we speak of our own accord."""


@dataclass(frozen=True)
class Line:
    """One line of a talk as the resident sees it again after a reload."""

    who: Literal["resident", "us"]
    text: str
    at: datetime
    id: int = 0
    """Of our own lines: `Outbound.id`."""
    message_id: str = ""
    """Of the resident's lines: `Inbound.message_id`."""
    buttons: tuple[Button, ...] = field(default_factory=tuple)


class FrontDoor(Protocol):
    """What a channel needs from the house."""

    async def receive(self, inbound: Inbound) -> Sequence[Outbound]:
        """Take a message in and answer it. The same message again gets the same answer and has no second effect."""

    async def history(self, channel: str, address: str) -> Sequence[Line]:
        """The talk so far, oldest first."""

    async def said_after(self, channel: str, address: str, after: int) -> Sequence[Outbound]:
        """Everything we said in this talk after the outbound `after`, oldest first: replies and news."""

    async def wait_for_news(self, channel: str, address: str, timeout: float) -> None:  # noqa: ASYNC109 - not a failure
        """Return when something new was said in this talk, or after `timeout` seconds."""

    async def mark_delivered(self, channel: str, address: str, up_to: int) -> None:
        """Remember that the resident's device has everything up to this outbound."""

"""What goes over the wire: a message as the page sends it, and our words as the page gets them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.web.sessions import CHANNEL
from bot.messages import Button, FrontDoor, Inbound, Line, Outbound, Pin

LONGEST = 4_000
"""Characters of one message."""
LARGEST = 64 * 1024
"""Bytes of one request: the longest message with every character escaped, and room for the rest."""


class SentPin(BaseModel):
    """A shared place, WGS84 degrees."""

    model_config = ConfigDict(extra="forbid")

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    long: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    label: Annotated[str, Field(max_length=200)] = ""


class SentMessage(BaseModel):
    """A message as the page sends it. `id` is the page's own, so that sending again is not saying again."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    text: str = ""
    press: Annotated[str, Field(max_length=500)] = ""
    pin: SentPin | None = None
    language: Literal["zh", "en"] | None = None
    """The language that the page is shown in, for a message that has none of its own."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return not (self.text.strip() or self.press.strip() or self.pin)

    def inbound(self, address: str) -> Inbound:
        """The same for the house."""
        return Inbound(
            channel=CHANNEL,
            address=address,
            message_id=f"{address}:{self.id}",
            # No database text can hold a NUL.
            text=self.text.replace("\0", "").strip(),
            kind="button" if self.press else "place" if self.pin else "text",
            press=self.press.replace("\0", ""),
            pin=Pin(self.pin.lat, self.pin.long, self.pin.label.replace("\0", "")) if self.pin else None,
            language=self.language,
        )


def reply_json(said: Outbound) -> dict[str, Any]:
    """One of our replies or news; `re` is the page's id of the message that it answers."""
    return {
        "id": said.id,
        "text": said.text,
        "buttons": _buttons(said.buttons),
        "at": said.said_at.isoformat() if said.said_at else None,
        "re": _own_id(said.in_reply_to),
    }


def line_json(line: Line) -> dict[str, Any]:
    """One line of the talk so far; a resident's line has the page's own id."""
    own = line.who == "resident"
    return {
        "who": line.who,
        "id": _own_id(line.message_id) if own else line.id,
        "text": line.text,
        "buttons": _buttons(line.buttons),
        "at": line.at.isoformat(),
    }


def _buttons(buttons: Sequence[Button]) -> list[dict[str, str]]:
    return [{"label": button.label, "press": button.press} for button in buttons]


def _own_id(provider_id: str | None) -> str | None:
    return provider_id.rpartition(":")[2] if provider_id else None


async def event_stream(
    door: FrontDoor, address: str, after: int, *, heartbeat: float, stopping: asyncio.Event
) -> AsyncGenerator[str, None]:
    """Everything said in a talk after the outbound `after`, as server-sent events, until `stopping`.

    A comment goes out at once and after every `heartbeat` seconds of silence. What was handed over before a heartbeat
    that still found the browser there counts as delivered.
    """
    now = asyncio.get_running_loop().time
    delivered, spoke_at = after, now()
    yield ": here\n\n"
    stop = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            # Waiting begins before looking, so that what is said in between is not waited past.
            news = asyncio.create_task(door.wait_for_news(CHANNEL, address, heartbeat))
            try:
                await asyncio.sleep(0)
                said = await door.said_after(CHANNEL, address, after)
                if not said:
                    await asyncio.wait((news, stop), timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(news)
            if said:
                after, spoke_at = said[-1].id, now()
                yield "".join(_frame(each) for each in said)
            elif now() - spoke_at >= heartbeat:
                yield ": still here\n\n"
                spoke_at = now()
                if after > delivered:
                    await door.mark_delivered(CHANNEL, address, after)
                    delivered = after
    finally:
        await _end(stop)


def _frame(said: Outbound) -> str:
    return f"id: {said.id}\ndata: {json.dumps(reply_json(said), ensure_ascii=False)}\n\n"


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait((task,))
    if not task.cancelled() and (failure := task.exception()):
        raise failure

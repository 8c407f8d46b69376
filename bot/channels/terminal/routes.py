"""The terminal's way in: JSON over loopback, with the token that this process was started with.

It carries everything an `Inbound` can, so that `jietong talk` can stand in for any channel.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request
from pydantic import BaseModel, Field, ValidationError

from bot.messages import FrontDoor, Inbound, Outbound, Pin

CHANNEL = "terminal"
LARGEST = 256 * 1024
"""Bytes of one request."""


class TerminalPin(BaseModel):
    """A shared place, WGS84."""

    lat: float = Field(ge=-90, le=90)
    long: float = Field(ge=-180, le=180)
    label: str = ""


class TerminalMessage(BaseModel):
    """One line typed, or one event of the kind that other channels have."""

    id: str = Field(min_length=1, max_length=64)
    user: str = Field(min_length=1, max_length=64)
    text: str = Field(default="", max_length=20_000)
    press: str = ""
    photos: int = 0
    pin: TerminalPin | None = None
    spoken: bool = False
    alternatives: list[str] = []
    confidence: float | None = Field(default=None, ge=0, le=1)
    caller_phone: str = ""


def terminal_routes(door: FrontDoor, token: str) -> APIRouter:
    """The terminal's endpoints; without the token they answer 401 and read nothing."""
    routes = APIRouter(prefix="/channels/terminal")

    def check(shown: str | None) -> None:
        if not hmac.compare_digest((shown or "").encode(), token.encode()):
            raise HTTPException(401, "token")

    @routes.post("/messages")
    async def messages(
        request: Request, x_jietong_token: Annotated[str | None, Header()] = None
    ) -> dict[str, list[dict[str, Any]]]:
        check(x_jietong_token)
        message = await _read(request)
        replies = await door.receive(inbound_of(message))
        return {"replies": [as_json(reply) for reply in replies]}

    @routes.get("/said")
    async def said(
        user: str, after: int = 0, x_jietong_token: Annotated[str | None, Header()] = None
    ) -> dict[str, list[dict[str, Any]]]:
        check(x_jietong_token)
        return {"replies": [as_json(reply) for reply in await door.said_after(CHANNEL, user, after)]}

    return routes


async def _read(request: Request) -> TerminalMessage:
    """The message in a request whose token was right. Raises HTTPException."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, "too large")
    try:
        return TerminalMessage.model_validate_json(bytes(body))
    except ValidationError:
        raise HTTPException(422, "not a message") from None


def inbound_of(message: TerminalMessage) -> Inbound:
    """The message as the house takes it."""
    pin = Pin(message.pin.lat, message.pin.long, message.pin.label) if message.pin else None
    return Inbound(
        channel=CHANNEL,
        address=message.user,
        message_id=f"{message.user}:{message.id}",
        text=message.text,
        press=message.press,
        pin=pin,
        photos=message.photos,
        spoken=message.spoken,
        alternatives=message.alternatives,
        confidence=message.confidence,
        caller_phone=message.caller_phone,
    )


def as_json(reply: Outbound) -> dict[str, Any]:
    """A reply as the terminal client reads it."""
    return {
        "id": reply.id,
        "text": reply.text,
        "buttons": [{"label": b.label, "press": b.press} for b in reply.buttons],
    }

"""Rasa's only door: POST /webhooks/jietong answers one turn, .../parse one text; GET says that it is ready.

Every request shows the token of the process that started this one. Nothing of a conversation is kept between two
requests (see nlu/sealed/turn.py).
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from nlu.sealed import quiet
from nlu.sealed.turn import CHANNEL, NOT_UNDERSTOOD, BadState, Turn, message_from, take, tracker_from, understood

TOKEN_HEADER = "x-jietong-token"  # noqa: S105 - the header's name
DEFAULT_DEADLINE = 5.0

Handler = Callable[[Request], Awaitable[HTTPResponse]]


class JietongInput(InputChannel):
    """The channel that nlu/credentials.yml names. It refuses to start without a token in JIETONG_RASA_TOKEN."""

    def __init__(self, token: str, deadline: float) -> None:
        self._token = token
        self._deadline = deadline

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> JietongInput:
        token = os.environ.get("JIETONG_RASA_TOKEN", "")
        if not token:
            raise RasaException("JIETONG_RASA_TOKEN is empty: the channel opens for nobody.")
        return cls(token, float((credentials or {}).get("deadline", DEFAULT_DEADLINE)))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The three requests. Rasa's own ``on_new_message`` is not used: it would store the conversation."""
        door = Blueprint("jietong")
        door.add_route(self._guarded(self._ready), "/", methods=["GET"], name="ready")
        door.add_route(self._guarded(self._turn), "/", methods=["POST"], name="turn")
        door.add_route(self._guarded(self._parse), "/parse", methods=["POST"], name="parse")
        return door

    def _guarded(self, handler: Handler) -> Handler:
        """Only for those who show the token; compared in constant time."""

        @wraps(handler)
        async def guarded(request: Request) -> HTTPResponse:
            quiet.hush()
            shown = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(shown.encode(), self._token.encode()):
                return json({"error": "token"}, 401)
            return await handler(request)

        return guarded

    async def _ready(self, request: Request) -> HTTPResponse:
        """What is served, and how much is kept: both numbers stay 0."""
        agent = _agent(request)
        return json(
            {
                "ready": True,
                "model": agent.processor.model_filename,
                "kept_conversations": len(list(await agent.tracker_store.keys())),
                "kept_locks": len(agent.lock_store.conversation_locks),
            }
        )

    async def _turn(self, request: Request) -> HTTPResponse:
        body = _body(request, ("conversation", "message_id", "text"))
        if body is None:
            return json({"error": "body"}, 400)
        processor = _agent(request).processor
        try:
            tracker = tracker_from(body.get("state") or {}, body["conversation"], processor.domain)
        except BadState as error:
            return json({"error": str(error)}, 400)
        turn = Turn(tracker)
        try:
            await asyncio.wait_for(take(processor, turn, message_from(body)), self._deadline)
        except asyncio.TimeoutError:  # noqa: UP041 - the server may run another loop's exceptions
            turn.failed = True
        return json(turn.as_dict())

    async def _parse(self, request: Request) -> HTTPResponse:
        body = _body(request, ("text",))
        if body is None:
            return json({"error": "body"}, 400)
        if not body["text"].strip():
            return json(understood({"intent": {"name": NOT_UNDERSTOOD, "confidence": 0.0}}))
        return json(understood(await _agent(request).processor.parse_message(UserMessage(body["text"]))))


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.ctx.agent
    return agent


def _body(request: Request, texts: tuple[str, ...]) -> dict[str, Any] | None:
    """The request's JSON object, if it has these texts; else None."""
    body = request.json
    if isinstance(body, dict) and all(isinstance(body.get(name), str) for name in texts):
        return body
    return None

"""The web chat's paths.

    GET  /                              the page
    GET  /chat/jietong-chat.js, .css    its component; /chat/words.json: its words
    POST /channels/web/session          201 {"session"}: a new token
    POST /channels/web/messages         {"id", "text", "press"?, "pin"?, "language"?} -> {"replies": [...]}
    GET  /channels/web/history          {"lines": [...]}, oldest first
    GET  /channels/web/events           server-sent events: everything said after `Last-Event-ID` or `?after=`

All but the first two lines need `Authorization: Bearer <token>`. The page's `Last-Event-ID` on a message, too, says
up to where it has everything. Every refusal is {"error": {"code", "zh", "en"}}.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from bot.channels.web.limits import Limits, Meter, Open, client_of
from bot.channels.web.page import PROTECTION, Page
from bot.channels.web.sessions import CHANNEL, Sessions
from bot.channels.web.wire import LARGEST, LONGEST, SentMessage, event_stream, line_json, reply_json
from bot.messages import FrontDoor
from knowledge.schema import Text

log = structlog.get_logger(__name__)

HEARTBEAT = 15.0
"""Seconds of silence on an event stream; proxies commonly close a silent connection after 30 or 60."""

_PRIVATE = {"Cache-Control": "no-store"}
STATUS = {
    "unauthorised": 401, "empty": 422, "not_understood": 422, "too_long": 413, "too_large": 413, "too_many": 429, "broken": 503,
}  # fmt: skip


def web_routes(
    door: FrontDoor,
    title: Text,
    phone: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    key: bytes = b"",
    limits: Limits | None = None,
    stopping: asyncio.Event | None = None,
    heartbeat: float = HEARTBEAT,
) -> APIRouter:
    """The web chat of the street called `title`, which answers the telephone at `phone`.

    `key` marks our tokens; processes that serve the same residents share it, and without one each start makes its own.
    `stopping` ends the event streams when the server is told to stop: set it before the server waits for them.
    """
    page = Page(title, phone)
    web = _Web(
        door, page, clock, key or secrets.token_bytes(32), limits or Limits(), stopping or asyncio.Event(), heartbeat
    )
    router = APIRouter(route_class=_route_class(page.words.errors["broken"]), include_in_schema=False)
    for path, asset in (
        ("/", page.page),
        ("/chat/jietong-chat.js", page.script),
        ("/chat/jietong-chat.css", page.style),
        ("/chat/words.json", page.interface),
    ):
        router.add_api_route(path, asset.answer, methods=["GET", "HEAD"])
    router.add_api_route("/channels/web/session", web.session, methods=["POST"])
    router.add_api_route("/channels/web/messages", web.message, methods=["POST"])
    router.add_api_route("/channels/web/history", web.history, methods=["GET"])
    router.add_api_route("/channels/web/events", web.events, methods=["GET"])
    return router


class _Refusal(Exception):
    """A request that is not taken, and what the resident is told."""

    def __init__(self, code: str, words: Text, retry_after: int = 0) -> None:
        super().__init__(code)
        headers = _PRIVATE | ({"Retry-After": str(retry_after)} if retry_after else {})
        if code == "unauthorised":
            headers["WWW-Authenticate"] = "Bearer"
        self.answer = JSONResponse({"error": {"code": code, **words.model_dump()}}, STATUS[code], headers)


def _route_class(broken: Text) -> type[APIRoute]:
    """Routes that turn refusals and failures into answers and put the protecting headers on everything."""

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            inner = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    response = await inner(request)
                except _Refusal as refusal:
                    response = refusal.answer
                except ClientDisconnect:
                    response = Response(status_code=400)  # nobody is there to read it
                except Exception:
                    log.exception("web_request_failed", path=request.url.path)
                    response = _Refusal("broken", broken, 5).answer
                response.headers.update(PROTECTION)
                return response

            return handle

    return Route


class _Web:
    """The handlers."""

    def __init__(
        self,
        door: FrontDoor,
        page: Page,
        clock: Callable[[], datetime],
        key: bytes,
        limits: Limits,
        stopping: asyncio.Event,
        heartbeat: float,
    ) -> None:
        self._errors = page.words.errors
        self._door, self._sessions, self._heartbeat = door, Sessions(door, key), heartbeat
        self._opening, self._sending, self._looking = (
            Meter(rate, clock) for rate in (limits.sessions, limits.messages, limits.looks)
        )
        self._streams = Open(limits.streams)
        self._stopping = stopping

    async def session(self, request: Request) -> Response:
        self._count(self._opening, request)
        return JSONResponse({"session": self._sessions.open()}, 201, _PRIVATE)

    async def message(self, request: Request) -> Response:
        self._count(self._sending, request)
        address = await self._address(request)
        message = await self._sent(request)
        after = self._after(request)
        if after:
            await self._door.mark_delivered(CHANNEL, address, after)
        said = await self._door.receive(message.inbound(address))
        return JSONResponse({"replies": [reply_json(each) for each in said]}, headers=_PRIVATE)

    async def history(self, request: Request) -> Response:
        self._count(self._looking, request)
        lines = await self._door.history(CHANNEL, await self._address(request))
        return JSONResponse({"lines": [line_json(line) for line in lines]}, headers=_PRIVATE)

    async def events(self, request: Request) -> Response:
        self._count(self._looking, request)
        client = _client(request)
        address, after = await self._address(request), self._after(request)
        if not self._streams.has_room(client):
            raise self._refusal("too_many", 30)
        if after:
            await self._door.mark_delivered(CHANNEL, address, after)

        async def frames() -> AsyncIterator[str]:
            with self._streams.held(client):
                stream = event_stream(self._door, address, after, heartbeat=self._heartbeat, stopping=self._stopping)
                try:
                    async with aclosing(stream):
                        async for frame in stream:
                            yield frame
                except Exception:
                    # The page comes back by itself and goes on from where it was.
                    log.exception("web_stream_failed")

        # A proxy that gathers the stream before it passes it on would make news late.
        return StreamingResponse(
            frames(), media_type="text/event-stream", headers=_PRIVATE | {"X-Accel-Buffering": "no"}
        )

    # -- reading a request -------------------------------------------------------------------------------------

    def _refusal(self, code: str, retry_after: int = 0) -> _Refusal:
        return _Refusal(code, self._errors[code], retry_after)

    def _count(self, meter: Meter, request: Request) -> None:
        wait = meter.take(_client(request))
        if wait:
            raise self._refusal("too_many", wait)

    async def _address(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        address = await self._sessions.address_of(token.strip()) if scheme.lower() == "bearer" else None
        if address is None:
            raise self._refusal("unauthorised")
        return address

    async def _sent(self, request: Request) -> SentMessage:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise self._refusal("too_large")
        try:
            message = SentMessage.model_validate_json(bytes(body))
        except ValidationError:
            raise self._refusal("not_understood") from None
        if message.is_empty:
            raise self._refusal("empty")
        if len(message.text) > LONGEST:
            raise self._refusal("too_long")
        return message

    def _after(self, request: Request) -> int:
        given = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
        # At most 18 digits: what every database can compare.
        if not (given.isascii() and given.isdigit() and len(given) <= 18):
            raise self._refusal("not_understood")
        return int(given)


def _client(request: Request) -> str:
    return client_of(request.client.host if request.client else None)

"""Every channel keeps the contract. A new one adds its adapter here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
from fastapi import FastAPI

from bot.channels.terminal.routes import terminal_routes
from bot.channels.web.routes import web_routes
from knowledge.schema import Text
from tests.bot.channels.contract import Answer, ChannelContract, Heard, heard
from tests.bot.house import FrontDoor

TOKEN = "the terminal's token"


class Terminal:
    """The terminal: JSON with the token of this installation."""

    def routes(self, door: FrontDoor) -> FastAPI:
        app = FastAPI()
        app.include_router(terminal_routes(door.house, TOKEN))
        return app

    async def join(self, http: httpx.AsyncClient, user: str) -> None:
        self._http = http

    async def send(self, user: str, number: int, text: str, choice: str = "") -> Answer:
        return await self._post(json={"id": str(number), "user": user, "text": text, "press": choice})

    async def send_unreadable(self, user: str, number: int) -> Answer:
        return await self.send(user, number, "")

    async def send_raw(self, user: str, body: bytes, *, secret: str | None) -> Answer:
        return await self._post(content=body, token=TOKEN if secret is None else secret)

    async def news(self, user: str, after: int) -> Sequence[Heard]:
        query: dict[str, str | int] = {"user": user, "after": after}
        response = await self._http.get("/channels/terminal/said", params=query, headers={"x-jietong-token": TOKEN})
        return heard(response.json()["replies"])

    async def _post(self, token: str = TOKEN, **body: Any) -> Answer:
        response = await self._http.post("/channels/terminal/messages", headers={"x-jietong-token": token}, **body)
        return Answer(response.status_code, heard(response.json()["replies"]) if response.is_success else ())


class Web:
    """The web chat: a bearer token for each browser, and refusals with words in both languages."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def routes(self, door: FrontDoor) -> FastAPI:
        app = FastAPI()
        app.include_router(
            web_routes(door.house, Text(zh="梧桐街道办事处", en="Wutong Sub-district Office"), "5550 1000")
        )
        return app

    async def join(self, http: httpx.AsyncClient, user: str) -> None:
        self._http = http
        self._tokens[user] = (await http.post("/channels/web/session")).json()["session"]

    async def send(self, user: str, number: int, text: str, choice: str = "") -> Answer:
        body = {"id": str(uuid5(NAMESPACE_URL, str(number))), "text": text, "press": choice}
        return await self._post(user, json=body)

    async def send_unreadable(self, user: str, number: int) -> Answer:
        return await self.send(user, number, "  ")

    async def send_raw(self, user: str, body: bytes, *, secret: str | None) -> Answer:
        return await self._post(user, content=body, token=secret)

    async def news(self, user: str, after: int) -> Sequence[Heard]:
        response = await self._http.get("/channels/web/history", headers=self._bearer(user))
        lines = [line for line in response.json()["lines"] if line["who"] == "us" and line["id"] > after]
        return heard(lines)

    def _bearer(self, user: str, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[user] if token is None else token}"}

    async def _post(self, user: str, token: str | None = None, **body: Any) -> Answer:
        response = await self._http.post("/channels/web/messages", headers=self._bearer(user, token), **body)
        if response.is_success:
            return Answer(response.status_code, heard(response.json()["replies"]))
        return Answer(response.status_code, refusal=response.json()["error"]["zh"])


class TestTerminal(ChannelContract):
    make = Terminal


class TestWeb(ChannelContract):
    make = Web

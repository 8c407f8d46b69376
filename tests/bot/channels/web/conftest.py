"""A web chat on the fake door: inside the test, on a real loopback port, and in a real browser."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from bot.channels.web.limits import Limits
from bot.channels.web.routes import web_routes
from knowledge.schema import Text
from tests.bot.channels.web.fake_door import FakeDoor

TITLE = Text(zh="梧桐街道办事处", en="Wutong Sub-district Office")
PHONE = "5550 1000"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def make_app(
    door: FakeDoor,
    *,
    limits: Limits | None = None,
    stopping: asyncio.Event | None = None,
    heartbeat: float = 15.0,
    key: bytes = b"",
) -> FastAPI:
    """An app with nothing but the web chat."""
    app = FastAPI(openapi_url=None)
    app.include_router(web_routes(door, TITLE, PHONE, limits=limits, stopping=stopping, heartbeat=heartbeat, key=key))
    return app


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
async def web(door: FakeDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_in(make_app(door)) as client:
        yield client


def client_in(app: FastAPI, host: str = "192.0.2.1") -> httpx.AsyncClient:
    """A browser at the address `host`, inside this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(host, 1)), base_url="http://jietong.test")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


class LiveServer:
    """The web chat on a free loopback port, in a thread. It can be stopped and started again on the same port."""

    def __init__(self, door: FakeDoor, heartbeat: float = 15.0) -> None:
        self.door, self._heartbeat = door, heartbeat
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._server: _Server | None = None

    def start(self) -> None:
        """Start listening; returns when it answers. Every start has a key of its own, as a restart would."""
        stopping = asyncio.Event()
        app = make_app(self.door, stopping=stopping, heartbeat=self._heartbeat)
        config = uvicorn.Config(app, host="127.0.0.1", port=self._port, log_level="warning", lifespan="off", ws="none")
        self._server = _Server(config, stopping)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            self._thread.join(0.01)

    def stop(self, patience: float = 5.0) -> bool:
        """Stop as on SIGTERM; whether it ended within `patience` seconds."""
        if self._server is None:
            return True
        self._server.should_exit = True
        self._thread.join(patience)
        ended = not self._thread.is_alive()
        self._server.force_exit = True
        self._thread.join(5)
        self._server = None
        return ended

    def run(self, say: str) -> None:
        """Have the house say something in the only talk, on the server's own loop."""
        assert self._server is not None
        done = threading.Event()
        loop = self._server.servers[0].get_loop()

        def speak() -> None:
            self.door.say(say)
            done.set()

        loop.call_soon_threadsafe(speak)
        assert done.wait(5)


@pytest.fixture
def live(door: FakeDoor) -> Iterator[LiveServer]:
    server = LiveServer(door, heartbeat=0.2)
    server.start()
    yield server
    server.stop()


# Not for the whole session: while it is open, no test of this thread can run an event loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()

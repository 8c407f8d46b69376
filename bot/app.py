"""The one place that chooses and wires the parts. Importing it does nothing; `build` opens what a process needs."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from actions.acts import Acts
from actions.dialogue.scene import Knowledge
from actions.store.case_book import SqlCaseBook
from actions.store.store import Store
from actions.store.talks import Talks
from actions.words import Aspects, Words
from bot.activation.gate import ORDINARY_START, Asked
from bot.activation.models import INDEX, Models
from bot.channels.terminal.routes import terminal_routes
from bot.channels.web.routes import web_routes
from bot.nlu.client import RasaClient
from bot.nlu.process import RasaProcess, RasaState, launcher_command
from bot.nlu.turns import Rasa, RasaUnavailable
from bot.settings import Settings
from bot.standby import Standby, read_rules
from bot.turn import House, Limits
from knowledge.duty_list import DutyList, kept_duty_list
from knowledge.emergencies import Emergencies
from knowledge.listener import Listener
from knowledge.manners import Manners
from knowledge.places import Gazetteer
from nlu.text.patterns import KeptPatterns
from nlu.text.segment import keep_dictionary_in

log = structlog.get_logger(__name__)

Progress = Callable[[str], None]


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class NoRasa:
    """Rasa switched off: every question goes to the standby."""

    async def handle(self, **_: object) -> object:
        raise RasaUnavailable("Rasa is switched off")

    async def parse(self, text: str) -> object:
        raise RasaUnavailable("Rasa is switched off")


def read_knowledge(root: Path, settings: Settings, progress: Progress = lambda line: None) -> Knowledge:
    """What the dialogue knows, by the models in use. Raises `DataMistakes`."""
    return open_models(root, settings, progress)[0]


def open_models(
    root: Path, settings: Settings, progress: Progress = lambda line: None, asked: Asked = ORDINARY_START
) -> tuple[Knowledge, Models]:
    """What the dialogue knows, and the models that understand residents.

    Where the data or the encoder changed they are learned anew, telling `progress`, and used unless they are worse.
    Raises `DataMistakes`.
    """
    street = root / settings.street
    keep_dictionary_in(root / INDEX)
    duty_list = kept_duty_list(street, root / INDEX)
    patterns = KeptPatterns(root / INDEX)
    manners = Manners.read(street / "manners.yml", patterns)
    emergencies = Emergencies.read(street / "emergencies.yml", patterns)
    patterns.keep()
    models = Models(root, settings, duty_list, emergencies, progress, asked)
    knowledge = Knowledge(
        duty_list=duty_list,
        search=models.search,
        gazetteer=Gazetteer(duty_list),
        listener=Listener(duty_list),
        manners=manners,
        emergencies=models.understanding.emergencies,
        words=Words.read(),
        aspects=Aspects.read(),
    )
    return knowledge, models


@dataclass
class Product:
    """A whole front door in one process, with Rasa as its child."""

    app: FastAPI
    house: House
    store: Store
    rasa: RasaProcess | None
    duty_list: DutyList
    stopping: asyncio.Event
    """Set when the server begins to stop: open event streams end at once."""


def build(
    root: Path,
    settings: Settings,
    *,
    port: int,
    terminal_token: str = "",
    progress: Progress = lambda line: None,
    now: Callable[[], datetime] = utc_now,
    model: Path | None = None,
) -> Product:
    """Wire the parts for one process that listens on `port`. Nothing runs before the app's lifespan begins."""
    store = Store(database_url(root, settings))
    store.migrate()
    known, models = open_models(root, settings, progress)
    acts = Acts(store, lambda: known, now)
    standby = Standby(acts, read_rules(root / "nlu/data/rules"), models.understanding.standby())
    process = _rasa_process(root, model or models.rasa_model(), port, store, now) if settings.rasa else None
    rasa: Rasa = RasaClient(process, deadline=settings.rasa_deadline) if process else NoRasa()  # type: ignore[assignment]
    house = House(
        talks=Talks(store),
        acts=acts,
        know=lambda: known,
        rasa=rasa,
        standby=standby,
        limits=Limits(settings.max_length, settings.flood),
        now=now,
        at=_crash_at(os.environ.get("JIETONG_CRASH_AT", "")),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if process:
            await process.start()
        background = asyncio.create_task(_after_opening(house))
        try:
            yield
        finally:
            background.cancel()
            await asyncio.gather(background, return_exceptions=True)
            if process:
                await process.stop()
            if isinstance(rasa, RasaClient):
                await rasa.aclose()
            store.close()

    app = FastAPI(title="Jietong 街通", lifespan=lifespan, docs_url=None, redoc_url=None)
    street = known.duty_list.street
    stopping = asyncio.Event()
    app.include_router(
        web_routes(house, street.name, street.phone, now, key=settings.secret.encode(), stopping=stopping)
    )
    if terminal_token:
        app.include_router(terminal_routes(house, terminal_token))
    if process:
        _rasa_actions(app, acts, process.token)
    _health(app, process, known.duty_list.version)
    return Product(app, house, store, process, known.duty_list, stopping)


async def _after_opening(house: House) -> None:
    """What may come after the door is open: messages left by a crash, and rasa-sdk, which is loaded before Rasa is up."""
    left = await house.resume()
    if left:
        log.info("answered_after_restart", messages=left)
    await asyncio.to_thread(import_module, "bot.nlu.actions")


def database_url(root: Path, settings: Settings) -> str:
    """The URL of the database; a relative SQLite path is the installation's own."""
    prefix = "sqlite:///"
    if settings.database.startswith(prefix) and not settings.database.startswith("sqlite:////"):
        return f"{prefix}{root / settings.database.removeprefix(prefix)}"
    return settings.database


def _rasa_process(root: Path, model: Path, port: int, store: Store, now: Callable[[], datetime]) -> RasaProcess:
    alert = RasaAlert(store, now)
    return RasaProcess(
        launcher_command(root, model),
        root=root,
        actions_url=f"http://127.0.0.1:{port}/rasa/actions",
        on_change=alert.on_change,
    )


class RasaAlert:
    """A blue alert while Rasa is down; the first start is not a failure."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now, self._was_ready = store, now, False

    def on_change(self, state: RasaState) -> None:
        """Raise the alert when Rasa goes down after it was ready, end it when it is ready again."""
        if state is RasaState.READY:
            self._was_ready = True
            with self._store.transaction() as session:
                SqlCaseBook(session).end_alerts("rasa_down", self._now())
        elif state is RasaState.DOWN and self._was_ready:
            with self._store.transaction() as session:
                SqlCaseBook(session).raise_alert("blue", "rasa_down", self._now(), {})


def _rasa_actions(app: FastAPI, acts: Acts, token: str) -> None:
    @app.post("/rasa/actions", include_in_schema=False)
    async def actions(request: Request) -> JSONResponse:
        from bot.nlu.actions import answer_rasa

        return await answer_rasa(request, acts, token)


def _health(app: FastAPI, process: RasaProcess | None, list_version: str) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        rasa = str(process.state) if process else "off"
        return {"status": "ok", "rasa": rasa, "list_version": list_version}


def _crash_at(step: str) -> Callable[[str], None]:
    """For tests of restarts: end this process, hard, at a named step of a turn."""

    def at(reached: str) -> None:
        if step and step == reached:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(32)

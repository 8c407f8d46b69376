"""Runs Rasa as a child of ours and keeps it running."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import os
import secrets
import signal
import socket
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.nlu.client import TOKEN_HEADER
from nlu.training import PASSED_ON, rasa_python

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class RasaState(enum.StrEnum):
    """Where the child stands. ``down``: it died or never came up, and is started again after a pause."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    start: float = 90.0
    """for the child to become ready"""
    stop: float = 3.0
    """between asking it to end and killing it"""
    first_pause: float = 1.0
    """before the first restart; doubled at every further one"""
    longest_pause: float = 60.0
    healthy: float = 60.0
    """after so long ready, the next pause is the first again"""
    ping: float = 5.0
    """between two questions whether it still answers, and for each answer"""
    missed_pings: int = 3


class RasaProcess:
    """Rasa, started, watched and started again.

    ``command(port)`` is the child's command line; the launcher's own is ``launcher_command``. The child gets a free
    port on loopback, a token made for this object, the address of our actions, and nothing else of ours.
    ``on_change`` is told every new state. ``last_lines`` is what the child said last (residents' words never reach
    its log, see nlu/sealed/quiet.py).
    """

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        *,
        root: Path,
        actions_url: str,
        on_change: Callable[[RasaState], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._command = command
        self._root = root
        self._actions_url = actions_url
        self._on_change = on_change
        self._patience = patience or Patience()
        self._state = RasaState.DOWN
        self._changed = asyncio.Event()
        self._port = 0
        self._child: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None]
        self.token = secrets.token_urlsafe(32)
        self.starts = 0
        self.last_lines: deque[str] = deque(maxlen=20)

    @property
    def state(self) -> RasaState:
        """Where the child stands now."""
        return self._state

    @property
    def url(self) -> str | None:
        """The channel's address while the child is ready, else None."""
        return self._address() if self._state is RasaState.READY else None

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> None:
        """Starts the child and its watch; comes back at once. See ``wait_ready``."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="rasa-keeper")

    async def wait_ready(self, timeout: float) -> bool:  # noqa: ASYNC109 - the caller only wants to know whether
        """True as soon as the child is ready, False when it is not within ``timeout`` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._state is not RasaState.READY:
                    self._changed.clear()
                    await self._changed.wait()
        return self._state is RasaState.READY

    async def stop(self) -> None:
        """Ends the child and everything that it started, within five seconds; it is not started again."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        self._become(RasaState.DOWN)

    async def _keep(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            pause = self._patience.first_pause
            while True:
                served = await self._serve_once(http)
                pause = self._patience.first_pause if served >= self._patience.healthy else pause
                self._become(RasaState.DOWN)
                logger.warning("Rasa ended; it is started again in %g s", pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._patience.longest_pause)

    async def _serve_once(self, http: httpx.AsyncClient) -> float:
        """One child from its start to its end; for how many seconds it was ready."""
        loop = asyncio.get_running_loop()
        try:
            if not await self._start_one(http):
                return 0.0
            ready_since = loop.time()
            await self._watch_one(http)
            return loop.time() - ready_since
        finally:
            await self._end_one()

    async def _start_one(self, http: httpx.AsyncClient) -> bool:
        """Starts one child. True when it is ready, False when it died or took too long."""
        self._become(RasaState.STARTING)
        self._port = _free_port()
        self.starts += 1
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self._command(self._port),
                cwd=self._root,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            logger.warning("Rasa cannot be started: %s", error)
            return False
        self._reading = asyncio.create_task(self._read_lines(self._child), name="rasa-output")
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._patience.start
        while self._child.returncode is None and loop.time() < give_up:
            if await self._answers(http, timeout=1.0):
                self._become(RasaState.READY)
                return True
            await asyncio.sleep(0.1)
        return False

    async def _watch_one(self, http: httpx.AsyncClient) -> None:
        """Comes back when the child has ended or no longer answers."""
        assert self._child is not None  # noqa: S101 - it was just started
        missed = 0
        while missed < self._patience.missed_pings:
            try:
                async with asyncio.timeout(self._patience.ping):
                    await self._child.wait()
                return
            except TimeoutError:
                missed = 0 if await self._answers(http, timeout=self._patience.ping) else missed + 1
        logger.warning("Rasa no longer answers")

    async def _end_one(self) -> None:
        """Asks the child to end, then kills what is left of its process group."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            _signal_group(child.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience.stop):
                    await child.wait()
        _signal_group(child.pid, signal.SIGKILL)
        await child.wait()
        with contextlib.suppress(TimeoutError):  # a grandchild that left the group may hold the pipe open
            async with asyncio.timeout(1.0):
                await self._reading

    async def _answers(self, http: httpx.AsyncClient, timeout: float) -> bool:  # noqa: ASYNC109 - handed on to httpx
        try:
            response = await http.get(self._address() + "/", headers={TOKEN_HEADER: self.token}, timeout=timeout)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def _read_lines(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None  # noqa: S101 - asked for when it was started
        while line := await child.stdout.readline():
            text = line.decode(errors="replace").rstrip()
            if text:
                self.last_lines.append(text)
                logger.info("rasa: %s", text)

    def _address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}/webhooks/jietong"

    def _environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "OMP_NUM_THREADS": "1",
            "JIETONG_PARENT": str(os.getpid()),
            "JIETONG_RASA_TOKEN": self.token,
            "JIETONG_ACTIONS_URL": self._actions_url,
        }

    def _become(self, state: RasaState) -> None:
        if state is self._state:
            return
        self._state = state
        self._changed.set()
        if self._on_change is None:
            return
        try:
            self._on_change(state)
        except Exception:
            logger.exception("the listener to Rasa's state failed")


def launcher_command(root: Path, model: Path) -> Callable[[int], Sequence[str]]:
    """The command line that serves ``model`` from Rasa's own environment. Raises TrainingFailed without one."""
    python = str(rasa_python(root))
    return lambda port: [python, "-m", "nlu.launcher", "run", "--model", str(model), "--port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _signal_group(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, which)

"""Rasa is started, watched, started again, and ended with all that it started."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.nlu.process import Patience, RasaProcess, RasaState

FAKE = Path(__file__).with_name("fake_rasa.py")
QUICK = Patience(start=5, stop=0.3, first_pause=0.05, longest_pause=0.4, healthy=60, ping=0.2, missed_pings=2)

Start = Callable[..., RasaProcess]


class Seen:
    """The states in the order in which they were told, each with its time."""

    def __init__(self) -> None:
        self.states: list[RasaState] = []
        self.times: list[float] = []

    def __call__(self, state: RasaState) -> None:
        self.states.append(state)
        self.times.append(time.monotonic())

    def starts(self) -> list[float]:
        return [at for at, state in zip(self.times, self.states, strict=True) if state is RasaState.STARTING]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def rasa(tmp_path: Path, seen: Seen) -> AsyncIterator[Start]:
    made: list[RasaProcess] = []

    def make(*wishes: str, patience: Patience = QUICK) -> RasaProcess:
        made.append(
            RasaProcess(
                lambda port: [sys.executable, str(FAKE), str(port), *wishes],
                root=tmp_path,
                actions_url="http://127.0.0.1:1/actions",
                on_change=seen,
                patience=patience,
            )
        )
        return made[-1]

    yield make
    for process in made:
        await process.stop()


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the conditions are of all kinds
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_it_becomes_ready_and_says_where(rasa: Start, seen: Seen) -> None:
    process = rasa("ready-after=0.2")
    assert process.url is None
    await process.start()
    assert await process.wait_ready(5)
    assert process.url is not None
    assert process.url.startswith("http://127.0.0.1:")
    assert seen.states == [RasaState.STARTING, RasaState.READY]


async def test_waiting_ends_when_it_does_not_become_ready(rasa: Start) -> None:
    process = rasa("never")
    await process.start()
    assert not await process.wait_ready(0.3)
    assert process.url is None


async def test_a_killed_child_is_started_again(rasa: Start, seen: Seen) -> None:
    process = rasa()
    await process.start()
    assert await process.wait_ready(5)
    first = process.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await until(lambda: process.starts == 2 and process.state is RasaState.READY)
    assert process.pid != first
    assert seen.states == [RasaState.STARTING, RasaState.READY, RasaState.DOWN, RasaState.STARTING, RasaState.READY]


async def test_the_pause_between_restarts_doubles_up_to_its_cap(rasa: Start, seen: Seen) -> None:
    process = rasa("die-after=0")
    await process.start()
    await until(lambda: process.starts == 7, seconds=10)
    downs = [at for at, state in zip(seen.times, seen.states, strict=True) if state is RasaState.DOWN]
    pauses = [start - down for down, start in zip(downs, seen.starts()[1:], strict=False)]
    for pause, least in zip(pauses, [0.05, 0.1, 0.2, 0.4, 0.4, 0.4], strict=True):
        assert least * 0.95 <= pause < least + 0.3


async def test_after_a_healthy_while_the_pause_is_short_again(rasa: Start, seen: Seen) -> None:
    process = rasa("die-after=0.5", patience=Patience(start=5, first_pause=0.05, longest_pause=5, healthy=0.1, ping=5))
    await process.start()
    await until(lambda: process.starts == 4, seconds=10)
    downs = [at for at, state in zip(seen.times, seen.states, strict=True) if state is RasaState.DOWN]
    assert all(start - down < 0.2 for down, start in zip(downs, seen.starts()[1:], strict=False))


async def test_a_child_that_no_longer_answers_is_replaced(rasa: Start) -> None:
    process = rasa("hang-after=0.5")
    await process.start()
    assert await process.wait_ready(5)
    first = process.pid
    await until(lambda: process.starts >= 2)
    assert first
    assert not is_alive(first)


async def test_a_child_that_never_becomes_ready_is_replaced(rasa: Start) -> None:
    process = rasa("never", patience=Patience(start=0.3, stop=0.3, first_pause=0.05))
    await process.start()
    await until(lambda: process.starts >= 2)


async def test_a_command_that_cannot_run_is_down_and_not_an_error(tmp_path: Path) -> None:
    process = RasaProcess(lambda port: ["/no/such/python"], root=tmp_path, actions_url="x", patience=QUICK)
    await process.start()
    await until(lambda: process.starts >= 2)
    await process.stop()
    assert process.state is RasaState.DOWN


@pytest.mark.parametrize("wishes", [(), ("deaf",), ("deaf", "child"), ("never", "deaf")], ids=str)
async def test_stop_ends_it_and_its_children_within_five_seconds(rasa: Start, wishes: tuple[str, ...]) -> None:
    process = rasa(*wishes)
    await process.start()
    await until(lambda: process.pid is not None)
    if "never" not in wishes:
        assert await process.wait_ready(5)
    pids = [process.pid, *(int(line.split()[1]) for line in process.last_lines if line.startswith("grandchild"))]
    assert len(pids) == 1 + ("child" in wishes)
    started = time.monotonic()
    await process.stop()
    assert time.monotonic() - started < 5
    await until(lambda: not any(is_alive(pid) for pid in pids if pid))
    assert process.state is RasaState.DOWN


async def test_stop_while_it_pauses_comes_back_at_once(rasa: Start) -> None:
    process = rasa("die-after=0", patience=Patience(first_pause=60))
    await process.start()
    await until(lambda: process.starts == 1 and process.state is RasaState.DOWN)
    started = time.monotonic()
    await process.stop()
    assert time.monotonic() - started < 1


async def test_no_secret_of_ours_reaches_the_child(
    rasa: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIETONG_DATABASE_URL", "postgresql://jietong:s3cret@db/jietong")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    process = rasa(f"env={tmp_path / 'env'}")
    await process.start()
    assert await process.wait_ready(5)
    environment = json.loads((tmp_path / "env").read_text())
    assert "s3cret" not in str(environment)
    assert "HTTPS_PROXY" not in environment
    assert environment["JIETONG_RASA_TOKEN"] == process.token
    assert environment["JIETONG_ACTIONS_URL"] == "http://127.0.0.1:1/actions"


async def test_a_listener_that_fails_changes_nothing(tmp_path: Path) -> None:
    def listener(state: RasaState) -> None:
        raise RuntimeError("listener")

    process = RasaProcess(
        lambda port: [sys.executable, str(FAKE), str(port)],
        root=tmp_path,
        actions_url="x",
        on_change=listener,
        patience=QUICK,
    )
    await process.start()
    assert await process.wait_ready(5)
    await process.stop()


async def test_what_it_said_last_is_kept(rasa: Start) -> None:
    process = rasa()
    await process.start()
    assert await process.wait_ready(5)
    await until(lambda: any(line.startswith("serving") for line in process.last_lines))

"""A Rasa of the present content, served once for all tests that need one."""

import contextlib
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from nlu.training import ensure_model
from tests.nlu.stub_actions import StubActions

ROOT = Path(__file__).resolve().parents[2]
RASA_PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"


@dataclass
class Served:
    """A running Rasa and how to ask it."""

    http: httpx.Client
    actions: StubActions
    process: subprocess.Popen[bytes]

    def turn(self, **body: Any) -> dict[str, Any]:
        """One turn; what the test does not say is filled in."""
        response = self.http.post("", json={"conversation": "c", "message_id": "m", "text": "x", "state": {}} | body)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer


@contextlib.contextmanager
def serve(
    model: Path, actions: StubActions, *options: str, log: Path | None = None, level: str = "WARNING"
) -> Iterator[Served]:
    """Runs the launcher with ``options`` until the block ends; its log goes to ``log``."""
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [RASA_PYTHON, "-m", "nlu.launcher", "--log-level", level]
    command += ["run", "--model", model, "--port", str(port), *options]
    environment = {**os.environ, "JIETONG_RASA_TOKEN": token, "JIETONG_ACTIONS_URL": actions.url}
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        address = f"http://127.0.0.1:{port}/webhooks/jietong/"
        http = httpx.Client(base_url=address, headers={"x-jietong-token": token}, trust_env=False, timeout=20)
        stack.enter_context(http)
        _wait_until_ready(http, process)
        yield Served(http, actions, process)


def _wait_until_ready(http: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            http.get("").raise_for_status()
            return
        time.sleep(0.1)
    raise RuntimeError("Rasa did not become ready")


@pytest.fixture(scope="session")
def rasa_python() -> Path:
    if not RASA_PYTHON.exists():
        pytest.skip("nlu/.venv is not installed")
    return RASA_PYTHON


@pytest.fixture(scope="session")
def model(rasa_python: Path) -> Path:
    return ensure_model(ROOT, print)


@pytest.fixture(scope="session")
def stub_actions() -> Iterator[StubActions]:
    actions = StubActions()
    yield actions
    actions.close()


@pytest.fixture(scope="session")
def served(model: Path, stub_actions: StubActions) -> Iterator[Served]:
    with serve(model, stub_actions) as rasa:
        yield rasa


@pytest.fixture
def rasa(served: Served) -> Iterator[Served]:
    """The shared Rasa with actions that do nothing yet."""
    served.actions.reset()
    yield served
    served.actions.reset()

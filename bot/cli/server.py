"""A front door as a child process, and a client that talks to it as a resident."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import httpx

START_SECONDS = 180


class ServerChild:
    """`jietong serve` as a child on a free loopback port. `stop` leaves no process behind."""

    def __init__(self, root: Path, *, database: str = "", rasa: bool = True, env: dict[str, str] | None = None) -> None:
        self._root, self._rasa, self._extra = root, rasa, env or {}
        self._folder = Path(tempfile.mkdtemp(prefix="jietong-"))
        self._own_database = not database
        self.database = database or f"sqlite:///{self._folder / 'talk.db'}"
        self._token = secrets.token_urlsafe(32)
        self._child: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def start(self, *, wait_for_all: bool = True) -> None:
        """Start it and wait until it answers: with Rasa, or as soon as the standby does."""
        port_file = self._folder / "port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "bot.cli", "serve", "--port", "0", "--rasa" if self._rasa else "--no-rasa"]
        env = os.environ | {
            "JIETONG_PORT_FILE": str(port_file),
            "JIETONG_TERMINAL_TOKEN": self._token,
            "JIETONG_DATABASE": self.database,
            "JIETONG_WITH_PARENT": "1",
            **self._extra,
        }
        self._child = subprocess.Popen(  # noqa: S603 - ourselves
            command, cwd=self._root, env=env, start_new_session=True, stdin=subprocess.PIPE
        )
        give_up = time.monotonic() + START_SECONDS
        with httpx.Client(trust_env=False, timeout=5) as http:
            while time.monotonic() < give_up:
                if self._child.poll() is not None:
                    raise RuntimeError(f"the server ended with exit code {self._child.returncode} while starting")
                if port_file.exists() and port_file.read_text().strip():
                    self.port = int(port_file.read_text())
                    if self._is_up(http, wait_for_all):
                        return
                time.sleep(0.05)
        raise RuntimeError("the server did not come up in time")

    def _is_up(self, http: httpx.Client, wait_for_all: bool) -> bool:
        try:
            health = http.get(f"http://127.0.0.1:{self.port}/health").json()
        except (httpx.HTTPError, ValueError):
            return False
        return not wait_for_all or health["rasa"] in ("ready", "off")

    def restart(self) -> None:
        """Stop every process and start anew on the same database."""
        self._end()
        self.start()

    def stop(self) -> None:
        """Stop every process; a database of our own making goes too."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(12)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        if self._child.stdin:
            self._child.stdin.close()

    def client(
        self, user: str, *, spoken: bool = False, number: int = 0, buttons: Sequence[dict[str, str]] = ()
    ) -> TalkClient:
        """A client that talks to this server."""
        return TalkClient(
            f"http://127.0.0.1:{self.port}", self._token, user, spoken=spoken, number=number, buttons=buttons
        )


class TalkClient:
    """Talks as one resident through the terminal channel. A number picks one of the buttons shown last."""

    def __init__(
        self,
        url: str,
        token: str,
        user: str,
        *,
        spoken: bool = False,
        number: int = 0,
        buttons: Sequence[dict[str, str]] = (),
    ) -> None:
        self._http = httpx.Client(base_url=url, headers={"x-jietong-token": token}, trust_env=False, timeout=60)
        self.user, self._spoken, self.number = user, spoken, number
        self.buttons = list(buttons)
        self._run = secrets.token_hex(4)
        self._last = 0

    @classmethod
    def of_running(cls, root: Path, user: str, *, spoken: bool) -> TalkClient | None:
        """A client of the front door that runs in this installation, or None."""
        try:
            port = (root / "var/port").read_text(encoding="utf-8").strip()
            token = (root / "var/terminal.token").read_text(encoding="utf-8").strip()
            httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=2).raise_for_status()
        except (OSError, httpx.HTTPError):
            return None
        return cls(f"http://127.0.0.1:{port}", token, user, spoken=spoken)

    def send(self, text: str, **extra: Any) -> list[dict[str, Any]]:
        """Send one message; the replies, each with text and buttons."""
        self.number += 1
        chosen = self._chosen(text)
        if chosen:
            extra["press"], text = chosen["press"], chosen["label"]
        body = {"id": f"{self._run}-{self.number}", "user": self.user, "text": text, "spoken": self._spoken, **extra}
        response = self._http.post("/channels/terminal/messages", json=body)
        response.raise_for_status()
        replies: list[dict[str, Any]] = response.json()["replies"]
        self.buttons = replies[-1]["buttons"] if replies else []
        self._last = max([self._last, *(reply["id"] for reply in replies)])
        return replies

    def news(self) -> list[dict[str, Any]]:
        """What was said since the last reply without being asked."""
        response = self._http.get("/channels/terminal/said", params={"user": self.user, "after": self._last})
        response.raise_for_status()
        said: list[dict[str, Any]] = response.json()["replies"]
        self._last = max([self._last, *(reply["id"] for reply in said)])
        return said

    def show(self, replies: Sequence[dict[str, Any]]) -> None:
        """Print replies as a resident reads them, buttons numbered."""
        for reply in replies:
            print(reply["text"])
            for number, button in enumerate(reply["buttons"], 1):
                print(f"  [{number}] {button['label']}")
        print(flush=True)

    def converse(self, lines: TextIO, *, prompt: bool) -> None:
        """Talk until the input ends."""
        if prompt:
            print("  Ask away, in Chinese or English; Ctrl-D ends. 您请说，Ctrl-D 结束。\n")
        while True:
            if prompt:
                print("» ", end="", flush=True)
            line = lines.readline()
            if not line:
                return
            if line.strip():
                self.show(self.send(line.strip()))

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def _chosen(self, text: str) -> dict[str, str] | None:
        picked = text.strip()
        if picked.isdigit() and 1 <= int(picked) <= len(self.buttons):
            return self.buttons[int(picked) - 1]
        return next((button for button in self.buttons if button["label"] == picked), None)

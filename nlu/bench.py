"""Measures Rasa as it comes beside Rasa as we run it, in one run, and prints the figures as JSON.

    python -m nlu.bench var/models/rasa-<hash>.tar.gz

Any Python runs it; Rasa itself runs in nlu/.venv. "stock" is Rasa's own REST channel and its own memory of the talk,
without our two look-up fixes; "ours" is what the product runs. The actions are a stub that answers at once.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TURNS, TALKS, CALLERS, CALLER_TURNS = 100, 3, 8, 40
TEXT = "你好"
LOOPBACK = "127.0.0.1"

Say = Callable[[str, int], None]


def main() -> None:
    """Prints {"stock": {...}, "fixes": {...}, "ours": {...}}; times in milliseconds, memory in MB."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path)
    model = parser.parse_args().model.resolve()
    with tempfile.TemporaryDirectory() as folder, _stub_actions() as actions_url:
        rest = Path(folder, "credentials.yml")
        rest.write_text("rest:\n", encoding="utf-8")
        over_rest = ["--credentials", str(rest)]
        figures = {
            "stock": _measure(model, actions_url, ["--stock", *over_rest], _say_rest),
            "fixes": _measure(model, actions_url, over_rest, _say_rest),
            "ours": _measure(model, actions_url, [], _say_ours),
        }
    json.dump({"python": sys.version.split()[0], "cores": os.cpu_count(), **figures}, sys.stdout, indent=2)
    print()


def _measure(model: Path, actions_url: str, more: list[str], door: Callable[[int, str], Say]) -> dict[str, float]:
    token = secrets.token_hex(16)
    with _rasa(model, actions_url, token, more) as (port, ready_seconds, pid):
        say = door(port, token)
        for turn in range(20):
            say("warm-up", turn)
        talks = [[_timed(say, f"talk-{talk}", turn) for turn in range(TURNS)] for talk in range(TALKS)]
        started = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(lambda n: [say(f"caller-{n}", turn) for turn in range(CALLER_TURNS)], range(CALLERS)))
        busy_seconds = time.perf_counter() - started
        return {
            "ready_s": round(ready_seconds, 1),
            "memory_mb": round(_memory_mb(pid)),
            "turn_p50_ms": _p50([each for talk in talks for each in talk]),
            "first_10_turns_p50_ms": _p50([each for talk in talks for each in talk[:10]]),
            "last_10_of_100_turns_p50_ms": _p50([each for talk in talks for each in talk[-10:]]),
            "8_callers_turns_per_s": round(CALLERS * CALLER_TURNS / busy_seconds, 1),
        }


def _timed(say: Say, conversation: str, turn: int) -> float:
    started = time.perf_counter()
    say(conversation, turn)
    return (time.perf_counter() - started) * 1000


def _p50(times: list[float]) -> float:
    return round(statistics.median(times), 1)


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _say_rest(port: int, _token: str) -> Say:
    def say(conversation: str, _turn: int) -> None:
        _post(port, "/webhooks/rest/webhook", {"sender": conversation, "message": TEXT}, {})

    return say


def _say_ours(port: int, token: str) -> Say:
    def say(conversation: str, turn: int) -> None:
        body = {"conversation": conversation, "message_id": str(turn), "text": TEXT, "language": "zh", "state": {}}
        answer = _post(port, "/webhooks/jietong", body, {"x-jietong-token": token})
        if answer["failed"]:
            raise RuntimeError("a turn failed")

    return say


def _post(port: int, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json", **headers})
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{path} answered {response.status}")
        return json.loads(answer)
    finally:
        connection.close()


@contextlib.contextmanager
def _rasa(model: Path, actions_url: str, token: str, more: list[str]) -> Iterator[tuple[int, float, int]]:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    command = [str(ROOT / "nlu/.venv/bin/python"), "-m", "nlu.launcher", "run", "--model", str(model)]
    environment = {**os.environ, "JIETONG_RASA_TOKEN": token, "JIETONG_ACTIONS_URL": actions_url}
    started = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603 - the command is ours
        [*command, "--port", str(port), *more], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
                break
            if child.poll() is not None:
                raise RuntimeError("Rasa did not start")
            time.sleep(0.05)
        yield port, time.perf_counter() - started, child.pid
    finally:
        child.terminate()
        child.wait()


class _Stub(BaseHTTPRequestHandler):
    """Answers every action with nothing to do."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        answer = b'{"events": [], "responses": []}'
        self.send_response(http.client.OK)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def _stub_actions() -> Iterator[str]:
    server = ThreadingHTTPServer((LOOPBACK, 0), _Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()

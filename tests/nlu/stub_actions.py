"""An action server for tests: it does what the test says and remembers what it was asked."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Events = list[dict[str, Any]]


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


def loop(name: str | None) -> dict[str, Any]:
    return {"event": "active_loop", "name": name}


def followup(name: str) -> dict[str, Any]:
    return {"event": "followup", "name": name}


class StubActions:
    """Answers each action with the events in ``answers`` (a list, or a function of the call); others do nothing."""

    def __init__(self) -> None:
        self.answers: dict[str, Events | Callable[[dict[str, Any]], Events]] = {}
        self.calls: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.delay = 0.0
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["content-length"])))
                stub.tokens.add(self.headers.get("x-jietong-token", ""))
                status, answer = stub.answer(call)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def answer(self, call: dict[str, Any]) -> tuple[int, bytes]:
        self.calls.append(call)
        time.sleep(self.delay)
        answer = self.answers.get(call["next_action"], [])
        try:
            events = answer(call) if callable(answer) else answer
        except RuntimeError as error:
            # Like the SDK's own server, which sends the request back in its error.
            return http.client.INTERNAL_SERVER_ERROR, json.dumps({"error": str(error), "call": call}).encode()
        return http.client.OK, json.dumps({"events": events, "responses": []}).encode()

    @property
    def names(self) -> list[str]:
        return [call["next_action"] for call in self.calls]

    def reset(self) -> None:
        self.answers.clear()
        self.calls.clear()
        self.delay = 0.0

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

"""How an installation speaks: one calm line, never silent for long, and one sentence when it cannot go on."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import TextIO

HEARTBEAT_SECONDS = 3.0
REDRAW_SECONDS = 0.5


class Stop(Exception):
    """It cannot go on. The message is one or two sentences for whoever typed the command."""


class Progress:
    """Says what each of several steps is doing: a line that changes on a terminal, plain lines elsewhere.

    Off a terminal a step is heard when its state changes and at least every three seconds. Use it as a context.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out if out is not None else sys.stdout
        self._live = self._out.isatty()
        self._lock = threading.Lock()
        self._steps: dict[str, tuple[str, float]] = {}
        self._last_said = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ticker.join()
        with self._lock:
            self._clear()

    def now(self, step: str, doing: str) -> None:
        """``step`` is at ``doing``; its clock starts when it is first named."""
        with self._lock:
            self._steps[step] = (doing, self._steps[step][1] if step in self._steps else time.monotonic())
            self._draw()

    def done(self, step: str, result: str) -> None:
        """``step`` is finished: a line that stays."""
        with self._lock:
            _, since = self._steps.pop(step, ("", time.monotonic()))
            self._clear()
            self._say(f"{step}: {result} ({time.monotonic() - since:.0f} s)")
            self._draw()

    def note(self, text: str) -> None:
        """A line that stays and belongs to no step."""
        with self._lock:
            self._clear()
            self._say(text)

    def _tick(self) -> None:
        while not self._over.wait(REDRAW_SECONDS):
            with self._lock:
                if self._live:
                    self._draw()
                elif self._steps and time.monotonic() - self._last_said >= HEARTBEAT_SECONDS:
                    self._say(self._line())

    def _line(self) -> str:
        now = time.monotonic()
        return "  |  ".join(f"{step}: {doing}, {now - since:.0f} s" for step, (doing, since) in self._steps.items())

    def _draw(self) -> None:
        if self._live and self._steps:
            width = shutil.get_terminal_size().columns - 1
            self._out.write(f"\r\033[K{self._line()[:width]}")
            self._out.flush()

    def _clear(self) -> None:
        if self._live:
            self._out.write("\r\033[K")
            self._out.flush()

    def _say(self, text: str) -> None:
        self._last_said = time.monotonic()
        self._out.write(f"{text}\n")
        self._out.flush()

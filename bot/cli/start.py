"""`jietong`, started quickly."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """No garbage is looked for inside: loading makes a million objects that all stay, and a fifth of a start was that."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main() -> None:
    """The command line; importing it is the larger part of a short command."""
    with without_collecting():
        from bot.cli.main import main as run
    run()

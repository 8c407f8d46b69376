"""Large regular expressions, compiled once and not at every start.

Python compiles expressions with a compiler written in Python: half a second for the emergencies and the manners, a
fifth of a start. What that compiler makes is a list of numbers; it is kept by the expression and by the exact Python,
and handed to the same constructor that `re.compile` ends with. CPython compares two patterns by those numbers, so a
test holds that a kept pattern equals a fresh one.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import hashlib
import marshal
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Any

Compile = Callable[[str], re.Pattern[str]]

_FLAGS = re.I | re.U


def ignoring_case(pattern: str) -> re.Pattern[str]:
    """`pattern` compiled, upper and lower case alike. Raises `re.error`."""
    return re.compile(pattern, re.I)


class KeptPatterns:
    """Compiles as `ignoring_case` does; call `keep` when all have been asked for."""

    def __init__(self, folder: Path) -> None:
        python = hashlib.sha256(f"{sys.version} {_sre.MAGIC}".encode()).hexdigest()[:12]
        self._file = folder / f"patterns-{python}.marshal"
        try:
            self._kept: dict[str, tuple[Any, ...]] = marshal.loads(self._file.read_bytes())  # noqa: S302 - our own
        except (OSError, ValueError, EOFError, TypeError):
            self._kept = {}
        self._used: dict[str, tuple[Any, ...]] = {}

    def __call__(self, pattern: str) -> re.Pattern[str]:
        """The compiled pattern. Raises `re.error`."""
        parts = self._kept.get(pattern) or _parts(pattern)
        self._used[pattern] = parts
        compiled: re.Pattern[str] = _sre.compile(pattern, *parts)
        return compiled

    def keep(self) -> None:
        """Write down what was asked for, and nothing else, when it is not there yet."""
        if self._used == self._kept:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_bytes(marshal.dumps(self._used))
        part.replace(self._file)


def _parts(pattern: str) -> tuple[Any, ...]:
    """What `re._compiler.compile` hands to the constructor, for a pattern that ignores case."""
    parsed = _parser.parse(pattern, _FLAGS)
    code = [int(number) for number in _compiler._code(parsed, _FLAGS)]
    names = parsed.state.groupdict
    positions: list[str | None] = [None] * parsed.state.groups
    for name, position in names.items():
        positions[position] = name
    return int(_FLAGS | parsed.state.flags), code, parsed.state.groups - 1, dict(names), tuple(positions)


def any_of(lines: Iterable[str]) -> str:
    """One expression that finds what any of `lines` finds."""
    return "|".join(f"(?:{line})" for line in lines) or r"(?!)"

"""What is in use, what was refused, and who took what when and why: `var/in_use.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

FILE = Path("var/in_use.json")
SEARCH, INTENTS = KINDS = ("search", "intents")
"""The kinds of models that are chosen apart from each other."""

_KEPT = 20
"""So many earlier models of a kind are remembered by name and figures."""


@dataclass(frozen=True)
class Entry:
    """One model: its name by content, what else tells whether it can be used, its figures, and how it came into use."""

    name: str
    parts: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    measured_on: str = ""
    """The frozen set and the thresholds, by content."""
    since: str = ""
    by: str = ""
    why: str = ""


@dataclass(frozen=True)
class Standing:
    """One kind of model: all that were taken, the one in use last, and the newest one where it was refused."""

    taken: tuple[Entry, ...] = ()
    refused: Entry | None = None

    @property
    def in_use(self) -> Entry | None:
        """The model in use; none before the first."""
        return self.taken[-1] if self.taken else None

    def take(self, entry: Entry) -> Standing:
        """With `entry` in use and nothing refused."""
        return Standing((*self.taken, entry)[-_KEPT:])

    def refuse(self, entry: Entry, figures: Mapping[str, float]) -> Standing:
        """With `entry` refused; `figures` are what the one in use was measured at beside it."""
        *before, last = self.taken
        last = replace(last, figures=dict(figures), measured_on=entry.measured_on)
        return Standing((*before, last), entry)

    def with_parts(self, parts: Mapping[str, str]) -> Standing:
        """With more known of the model in use."""
        *before, last = self.taken
        return replace(self, taken=(*before, replace(last, parts={**last.parts, **parts})))


class Record:
    """The standings of all kinds, in one file that is always whole. What cannot be read counts as not there."""

    def __init__(self, root: Path) -> None:
        self._file = root / FILE

    def standing(self, kind: str) -> Standing:
        """The standing of one kind."""
        rows = self._read().get(kind) or {}
        try:
            refused = rows.get("refused")
            taken = tuple(Entry(**row) for row in rows.get("taken", ()))
            return Standing(taken, Entry(**refused) if refused else None)
        except (TypeError, AttributeError):
            return Standing()

    def write(self, kind: str, standing: Standing) -> None:
        """Keep the standing of one kind."""
        whole = json.dumps({**self._read(), kind: asdict(standing)}, ensure_ascii=False, indent=1)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(whole + "\n", encoding="utf-8")
        part.replace(self._file)

    def _read(self) -> dict[str, Any]:
        try:
            whole = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return whole if isinstance(whole, dict) else {}

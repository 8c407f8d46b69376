"""Files of labelled rows: which kind each is, told by its name, and how they are read."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from knowledge.listener import Listener
from knowledge.search.evaluation import NOTHING

Row = dict[str, Any]


class SetBroken(Exception):
    """A file of rows cannot be used; the message is one sentence for whoever runs it."""


class Kind(StrEnum):
    """What the rows of a set are."""

    INTENTS = "intents"
    REQUESTS = "requests"
    DIALOGUES = "dialogues"
    """Whole talks: a person reads them."""


@dataclass(frozen=True)
class EvalSet:
    """One file to measure on."""

    file: Path
    kind: Kind
    spoken: bool = False

    @property
    def name(self) -> str:
        """Where it is from here, without the ending."""
        return os.path.relpath(self.file.with_suffix(""))


_NAMES = (
    ("intents", ".jsonl", Kind.INTENTS, False),
    ("requests", ".jsonl", Kind.REQUESTS, False),
    ("ask", ".jsonl", Kind.REQUESTS, False),
    ("hant", ".jsonl", Kind.REQUESTS, False),
    ("voice", ".jsonl", Kind.REQUESTS, True),
    ("dialogues", ".yml", Kind.DIALOGUES, False),
)


def sets_in(folders: Iterable[Path]) -> list[EvalSet]:
    """Every set in `folders`, sentences of intents first; files with other names are none."""
    files = [file for folder in folders for file in sorted(folder.glob("*"))]
    return [
        EvalSet(file, kind, spoken)
        for begins, ends, kind, spoken in _NAMES
        for file in files
        if file.name.startswith(begins) and file.suffix == ends
    ]


def read_rows(file: Path, needed: Sequence[str] = ("text",)) -> list[Row]:
    """The rows of a file of JSON lines. Raises `SetBroken` naming the line that is none or lacks what is `needed`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetBroken(f"{file} cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'}).") from None
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise SetBroken(f"{file}, line {number}: not one JSON object.") from None
        missing = [name for name in needed if not isinstance(row, dict) or not isinstance(row.get(name), str)]
        if missing:
            raise SetBroken(f"{file}, line {number}: {missing[0]} is missing.")
        rows.append(row)
    if not rows:
        raise SetBroken(f"{file} has no rows.")
    return rows


def request_rows(file: Path, listener: Listener, spoken: bool) -> list[Row]:
    """Labelled requests as the product would look at them: cleaned, and for speech without fillers."""
    return [
        {
            **row,
            "text": listener.plain(row["text"], spoken),
            "alternatives": [listener.plain(text, spoken) for text in row.get("alternatives") or ()],
        }
        for row in read_rows(file, ("text", "duty"))
    ]


def intent_rows(file: Path) -> list[Row]:
    """Sentences with their intent."""
    return read_rows(file, ("text", "intent"))


def fitting(rows: Sequence[Row], duties: Container[str]) -> list[Row]:
    """The requests whose duty is in the list, or that fit no duty at all: another street's list has other duties."""
    return [row for row in rows if row["duty"] in duties or row["duty"] == NOTHING]

"""What a front door is asked that no duty covers: other people's data, promises, favours, who it is.

The texts are data (`manners.yml`): how it is asked, and what we answer. Matching is by the words' own patterns,
so that a matter of fact is never brushed off by a likeness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.schema import Key, Line, Record, Text


class Manner(Record):
    """One such question: `asked` are regular expressions over folded text, `answer` what we say."""

    key: Key
    asked: list[Line]
    not_when: list[Line] = []
    answer: Text
    spoken: Text | None = None
    ends_turn: bool = True
    """Whether the answer is the whole answer; otherwise the message is handled further."""


@dataclass(frozen=True)
class Manners:
    """All of them, in order of precedence."""

    rows: tuple[tuple[Manner, re.Pattern[str], re.Pattern[str] | None], ...]

    @classmethod
    def read(cls, path: Path) -> Manners:
        """The manners of a file."""
        rows = [Manner.model_validate(row) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
        return cls(
            tuple(
                (row, re.compile("|".join(row.asked), re.I), re.compile("|".join(row.not_when), re.I) if row.not_when else None)
                for row in rows
            )
        )

    def find(self, text: str) -> Manner | None:
        """The first manner that `text` (folded to Simplified) asks for."""
        for row, asked, not_when in self.rows:
            if asked.search(text) and not (not_when and not_when.search(text)):
                return row
        return None

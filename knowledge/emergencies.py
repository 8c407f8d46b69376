"""Emergencies in what residents say: found by reviewed patterns, at once, without any model.

The patterns are data (`emergencies.yml`): a kind, how it is said in both languages, and what looks like it and is not
(a drill, a hotpot restaurant, “killing me with this noise”). Missing one is the worst error there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import Field

from knowledge.schema import Key, Line, Record, Text


class Emergency(Record):
    """One kind of emergency. `said` and `not_when` are regular expressions over folded, lower-cased text."""

    key: Key
    name: Text
    phones: list[Line] = Field(min_length=1)
    advice: Text
    said: list[Line] = Field(default_factory=list)
    not_when: list[Line] = Field(default_factory=list)
    """What makes a hit of this kind harmless."""


class _File(Record):
    never: list[Line]
    """Figures of speech and questions about rules: cut out of the text before anything is looked for."""
    unspecified: Emergency
    """What is answered when a person says it is an emergency and not which."""
    emergencies: list[Emergency]


@dataclass(frozen=True)
class Emergencies:
    """All kinds, gravest first."""

    unspecified: Emergency
    _never: re.Pattern[str]
    _rows: tuple[tuple[Emergency, re.Pattern[str], re.Pattern[str] | None], ...]

    @classmethod
    def read(cls, path: Path) -> Emergencies:
        """The emergencies of a file. Raises `pydantic.ValidationError` or `re.error` when it is not right."""
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        rows = tuple(
            (e, re.compile("|".join(e.said), re.I), re.compile("|".join(e.not_when), re.I) if e.not_when else None)
            for e in file.emergencies
        )
        return cls(file.unspecified, re.compile("|".join(file.never), re.I), rows)

    def find(self, text: str) -> Emergency | None:
        """The gravest emergency that `text` (folded to Simplified) tells of, or None."""
        plain = self._never.sub(" ", text)
        for emergency, said, not_when in self._rows:
            if said.search(plain) and not (not_when and not_when.search(plain)):
                return emergency
        return None

"""What a front door is asked that no duty covers: other people's data, promises, favours, who it is.

The texts are data (`manners.yml`): how it is asked, and what we answer. Matching is by the words' own patterns,
so that a matter of fact is never brushed off by a likeness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, TypeAdapter

from knowledge.schema import Key, Line, Record, Text
from nlu.text.patterns import Compile, any_of, ignoring_case
from nlu.yaml_file import read_yaml

_TELLS = {"zh": 36, "en": 18}
"""Who says more than so many characters or words tells of a matter; a turn of phrase in it does not end the talk."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z']+")
_SPACE_IN_HAN = re.compile(r"(?<=[\u3400-\u9fff，。！？、])\s+(?=[\u3400-\u9fff])")


class Manner(Record):
    """One such question: `asked` are regular expressions over folded text, `answer` what we say."""

    key: Key
    asked: list[Line] = Field(min_length=1)
    not_when: list[Line] = Field(default_factory=list)
    """What anywhere in the message makes it another question."""
    answer: Text
    spoken: Text | None = None
    ends_turn: bool = True
    """Whether the answer is the whole answer; otherwise the message is handled further."""


@dataclass(frozen=True)
class Manners:
    """All of them, in order of precedence."""

    rows: tuple[tuple[Manner, re.Pattern[str], re.Pattern[str] | None], ...]

    @classmethod
    def read(cls, path: Path, compiled: Compile = ignoring_case) -> Manners:
        """The manners of a file. Raises `pydantic.ValidationError` or `re.error` when it is not right."""
        rows = TypeAdapter(list[Manner]).validate_python(read_yaml(path))
        return cls(
            tuple(
                (row, compiled(any_of(row.asked)), compiled(any_of(row.not_when)) if row.not_when else None)
                for row in rows
            )
        )

    def find(self, text: str) -> Manner | None:
        """The first manner that `text` (folded to Simplified) asks for."""
        plain = _SPACE_IN_HAN.sub("", re.sub(r"\s+", " ", text).strip()).replace("’", "'")
        if len(_HAN.findall(plain)) > _TELLS["zh"] or len(_LATIN_WORD.findall(plain)) > _TELLS["en"]:
            return None
        for row, asked, not_when in self.rows:
            if asked.search(plain) and not (not_when and not_when.search(plain)):
                return row
        return None

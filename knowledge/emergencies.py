"""Emergencies in what residents say: found by reviewed patterns, at once, without any model.

The patterns are data (`emergencies.yml`): a kind, how it is said in both languages, and what looks like it and is not
(a drill, a hotpot restaurant, “killing me with this noise”). Missing one is the worst error there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import Field

from knowledge.schema import Key, Line, Record, Text
from nlu.text.patterns import Compile, any_of, ignoring_case
from nlu.yaml_file import read_yaml

_NAMED = re.compile(r"<([a-z_]+)>")
_SPACE_IN_HAN = re.compile(r"(?<=[\u3400-\u9fff，。！？、])\s+(?=[\u3400-\u9fff])")
_LONE_DIGIT = re.compile(r"(?<![\dA-Za-z.])[1-9](?=[\u3400-\u9fff])")
_DIGITS = dict(zip("123456789", "一两三四五六七八九", strict=True))
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[，,。！？!?；;：:\n]|\.(?=\s|$)")
_JUST_BEFORE = {"zh": 12, "en": 40}
"""How many characters before a hit a word of supposing (“万一”, “what if”) still belongs to it."""


class Way(Record):
    """One way of saying it, and what in the same sentence makes that harmless."""

    said: list[Line] = Field(min_length=1)
    not_when: list[Line] = Field(default_factory=list)


class Emergency(Record):
    """One kind of emergency. Patterns are regular expressions; `<name>` stands for a fragment of the file's `words`."""

    key: Key
    name: Text
    phones: list[Line] = Field(min_length=1)
    advice: Text
    surely: list[Line] = Field(default_factory=list)
    """How it is said so that nothing else in the message can make it harmless."""
    ways: list[Way] = Field(default_factory=list)
    """How it is said otherwise."""


class _File(Record):
    words: dict[Key, Line]
    """Fragments that patterns share."""
    never: list[Line]
    """Figures of speech and things with an alarming name: cut out of the text before anything is looked for."""
    supposed: list[Line]
    """Just before a hit: it is feared or asked about, and has not happened."""
    over: list[Line]
    """In the sentence of a hit: it is past, unless a word of `now` stands there too."""
    paperwork: list[Line]
    """In the sentence of a hit: it is about rules, money or papers, and not about help."""
    now: list[Line]
    unspecified: Emergency
    """What is answered when a person says it is an emergency and not which; looked for after all others."""
    emergencies: list[Emergency]
    mixed_duties: list[str]
    """Duties of which some sayings tell of an emergency: the model does not learn from them that they are ordinary."""
    sure: float = Field(gt=0, lt=1)
    """From which probability the model alone makes an emergency."""
    doubted: float = Field(gt=0, lt=1)
    """Below which probability the model takes back what a pattern found."""
    perhaps: float = Field(gt=0, lt=1)
    """From which probability the numbers to ring are named before anything else is said."""


class Judge(Protocol):
    """Tells how likely a text is an emergency, and of which kind."""

    def __call__(self, text: str) -> tuple[float, str]:
        """(probability, key of the kind or an empty string)."""


@dataclass(frozen=True)
class _Row:
    emergency: Emergency
    surely: re.Pattern[str]
    ways: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    """What is said, and what makes it harmless."""


@dataclass(frozen=True)
class Emergencies:
    """All kinds, gravest first."""

    unspecified: Emergency
    _never: re.Pattern[str]
    _supposed: re.Pattern[str]
    _over: re.Pattern[str]
    _paperwork: re.Pattern[str]
    _now: re.Pattern[str]
    _rows: tuple[_Row, ...]
    mixed_duties: frozenset[str]
    sure: float
    doubted: float
    maybe: float
    judge: Judge | None = None
    """The model that is asked beside the patterns; without it they decide alone."""

    @classmethod
    def read(cls, path: Path, compiled: Compile = ignoring_case) -> Emergencies:
        """The emergencies of a file. Raises `pydantic.ValidationError`, `KeyError` or `re.error` when it is not right."""
        file = _File.model_validate(read_yaml(path))

        def pattern(lines: Iterable[str]) -> re.Pattern[str]:
            named = [_NAMED.sub(lambda m: f"(?:{file.words[m[1]]})", line) for line in lines]
            return compiled(any_of(named))

        rows = tuple(
            _Row(e, pattern(e.surely), tuple((pattern(way.said), pattern(way.not_when)) for way in e.ways))
            for e in (*file.emergencies, file.unspecified)
        )
        return cls(
            file.unspecified,
            pattern(file.never),
            pattern(file.supposed),
            pattern(file.over),
            pattern(file.paperwork),
            pattern(file.now),
            rows,
            frozenset(file.mixed_duties),
            file.sure,
            file.doubted,
            file.perhaps,
        )

    def find(self, text: str) -> Emergency | None:
        """The gravest emergency that `text` (folded to Simplified) tells of, or None."""
        certain = self._surely(text)
        if certain is not None:
            return certain
        hit = self._hit(text)
        if self.judge is None or not text.strip():
            return hit
        if hit is not None:
            # Beside an ordinary matter an emergency is still one: any clause that may be one keeps what was found.
            return hit if self._judged(_CLAUSE_END, text)[0] >= self.doubted else None
        probability, kind = self._judged(_SENTENCE_END, text)
        if probability < self.sure:
            return None
        return next((row.emergency for row in self._rows if row.emergency.key == kind), self.unspecified)

    def plainly(self, text: str) -> Emergency | None:
        """The emergency that one of the reviewed patterns finds in `text`, or None."""
        return self._surely(text) or self._hit(text)

    def perhaps(self, text: str) -> bool:
        """Whether `text` may tell of an emergency, without certainty."""
        return self.judge is not None and bool(text.strip()) and self._judged(_SENTENCE_END, text)[0] >= self.maybe

    def _judged(self, end: re.Pattern[str], text: str) -> tuple[float, str]:
        """What the model says of a text and of its parts, the most alarming; what is past or paperwork is none."""
        parts = [part for part in (text, *end.split(text)) if part.strip()]
        return (
            max((self.judge(part) for part in parts if self._may_be_now(part)), default=(0.0, ""))
            if self.judge
            else (0.0, "")
        )

    def _may_be_now(self, text: str) -> bool:
        plain = _plain(text)
        past = self._over.search(plain) is not None and self._now.search(plain) is None
        return not past and self._paperwork.search(plain) is None

    def _surely(self, text: str) -> Emergency | None:
        plain = self._never.sub("〇", _plain(text))
        return next((row.emergency for row in self._rows if row.surely.search(plain)), None)

    def _hit(self, text: str) -> Emergency | None:
        plain = self._never.sub("〇", _plain(text))
        for row in self._rows:
            for said, not_when in row.ways:
                if any(self._counts(plain, hit, not_when) for hit in said.finditer(plain)):
                    return row.emergency
        return None

    def _counts(self, plain: str, hit: re.Match[str], not_when: re.Pattern[str]) -> bool:
        """Whether a hit tells of something that is happening."""
        sentence = _around(_SENTENCE_END, plain, hit)
        if not_when.search(sentence) or self._paperwork.search(sentence):
            return False
        if self._over.search(sentence) and not self._now.search(sentence):
            return False
        reach = _JUST_BEFORE["zh" if hit[0][0] > "\u3000" else "en"]
        begin = max(_start(_CLAUSE_END, plain, hit.start()), hit.start() - reach)
        return self._supposed.search(plain[begin : hit.end()]) is None


def _plain(text: str) -> str:
    """Lower case, straight apostrophes, no spaces inside Chinese, “1路” from a transcript as “一路”."""
    text = text.lower().replace("’", "'").replace("‘", "'")
    text = _LONE_DIGIT.sub(lambda digit: _DIGITS[digit[0]], text)
    return _SPACE_IN_HAN.sub("", re.sub(r"[ \t\u3000]+", " ", text))


def _start(end: re.Pattern[str], plain: str, position: int) -> int:
    """Where the part of the text begins that `position` lies in."""
    return max((m.end() for m in end.finditer(plain, 0, position)), default=0)


def _around(end: re.Pattern[str], plain: str, hit: re.Match[str]) -> str:
    """The part of the text that a hit lies in."""
    after = end.search(plain, hit.end())
    return plain[_start(end, plain, hit.start()) : after.start() if after else len(plain)]

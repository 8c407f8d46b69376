"""What a search answers, and the Protocol that every search keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """Never a guess dressed as an answer: one duty, a question with two or three choices, or a person."""

    ANSWER = "answer"
    ASK = "ask"
    PASS_ON = "pass_on"  # noqa: S105 - not a password


@dataclass(frozen=True)
class Candidate:
    """A duty with its calibrated probability of being the right one, and what spoke for it."""

    duty: str
    probability: float
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """The outcome of one search: candidates by falling probability, the list's version, time taken in ms."""

    outcome: Outcome
    candidates: tuple[Candidate, ...]
    list_version: str
    milliseconds: float


class Search(Protocol):
    """Finds duties for a resident's words."""

    def find(self, text: str, alternatives: Sequence[str] = (), spoken: bool = False) -> Finding:
        """Duties for `text`; `alternatives` are a recogniser's other hearings, `spoken` marks a transcript."""

"""The full search: every part's evidence, fused to one calibrated probability, and one of three outcomes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from knowledge.duty_list import DutyList
from knowledge.encoder.encoders import Encoder
from knowledge.search.finding import Candidate, Finding, Outcome
from knowledge.search.fusion import PARTS, Table
from knowledge.search.index import Index, open_index
from knowledge.search.names import DutyNames
from knowledge.search.wording import plain
from nlu.text.script import language_of

_CANDIDATES = 5
_FIRST_HEARING = 0.5
"""How much a recogniser's first hearing weighs against all its others together."""


@dataclass(frozen=True)
class Thresholds:
    """From which probability a duty is stated as fact, and from which sum of three choices one asks."""

    answer: float = 0.7
    ask: float = 0.35


class HybridSearch:
    """`knowledge.search.finding.Search` over an index. Safe to share between threads: finding changes nothing."""

    def __init__(self, index: Index, encoder: Encoder, duty_list: DutyList, thresholds: Thresholds) -> None:
        self._index, self._encoder, self._names = index, encoder, DutyNames(duty_list)
        self._version, self._thresholds = duty_list.version, thresholds

    @property
    def duties(self) -> frozenset[str]:
        """The duties that can be found."""
        return frozenset(self._index.duties)

    def find(self, text: str, alternatives: Sequence[str] = (), spoken: bool = False) -> Finding:
        """Duties for `text`. Nothing to look at in it: passed on, without candidates."""
        start = time.perf_counter()
        hearings = [bare for bare in dict.fromkeys(plain(one) for one in (text, *alternatives)) if bare]
        candidates = self._candidates(hearings, spoken) if hearings else ()
        candidates = self._names.first(hearings[0], candidates) if hearings else candidates
        outcome = decide(candidates, self._thresholds)
        return Finding(outcome, candidates, self._version, (time.perf_counter() - start) * 1000)

    def _candidates(self, hearings: list[str], spoken: bool) -> tuple[Candidate, ...]:
        evidence = _combined(self._index.evidence.table(hearings, self._encoder, spoken))
        register = "en" if language_of(hearings[0]) == "en" else "spoken" if spoken else "zh"
        fusion = self._index.fusions[register]
        probabilities = fusion.probabilities(evidence)[0, :-1]
        best = np.argsort(-probabilities)[:_CANDIDATES]
        return tuple(
            Candidate(
                self._index.duties[at],
                float(probabilities[at]),
                {
                    part: float(weight * value)
                    for part, weight, value in zip(PARTS, fusion.parts, evidence[0, at], strict=True)
                },
            )
            for at in best
        )


def decide(candidates: Sequence[Candidate], thresholds: Thresholds) -> Outcome:
    """One duty stated, two or three to choose from, or passed on."""
    if not candidates:
        return Outcome.PASS_ON
    if candidates[0].probability >= thresholds.answer:
        return Outcome.ANSWER
    together = sum(candidate.probability for candidate in candidates[:3])
    return Outcome.ASK if together >= thresholds.ask and len(candidates) > 1 else Outcome.PASS_ON


def load_search(
    duty_list: DutyList, encoder: Encoder, cache: Path, thresholds: Thresholds, progress: Callable[[str], None]
) -> HybridSearch:
    """The search over a duty list. Reads its index from `cache`, or builds and keeps it there, telling `progress`."""
    return searching(open_index(duty_list, encoder, cache, progress), encoder, duty_list, thresholds)


def searching(index: Index, encoder: Encoder, duty_list: DutyList, thresholds: Thresholds) -> HybridSearch:
    """The search over an index, with all that a first question would wait for already done."""
    keep_to_one_core()
    search = HybridSearch(index, encoder, duty_list, thresholds)
    search.find("路灯坏了")  # the first question waits for nothing that is loaded late
    return search


def keep_to_one_core() -> None:
    """From now on this process computes without threads: a question is small, and threads that wait slow it down."""
    threadpool_limits(limits=1)


def _combined(tables: Table) -> Table:
    """One table from those of the hearings: the first weighs as much as all others together."""
    if len(tables) == 1:
        return tables
    out: Table = _FIRST_HEARING * tables[:1] + (1 - _FIRST_HEARING) * tables[1:].mean(axis=0, keepdims=True)
    return out

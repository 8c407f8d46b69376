"""The search of the first seconds: BM25 over jieba words, ready at once, with no model to load.

Its probability is rough on purpose: it answers only when one duty stands out clearly, and otherwise asks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import bm25s
import numpy as np

from knowledge.duty_list import DutyList
from knowledge.search.finding import Candidate, Finding, Outcome
from knowledge.search.wording import plain
from nlu.text.segment import words_of

_NEIGHBOURS = 40
_SHARPNESS = 0.9
_ANSWER, _ASK = 0.75, 0.45


class LexicalSearch:
    """`knowledge.search.finding.Search` by words alone."""

    def __init__(self, duty_list: DutyList) -> None:
        self._version = duty_list.version
        self._duties: list[str] = []
        texts: list[list[str]] = []
        for duty_id, duty in duty_list.duties.items():
            sayings = duty_list.sayings[duty_id]
            own = [duty.name.zh, duty.name.en, *sayings.zh, *sayings.en]
            texts += [words_of(plain(text)) for text in own]
            self._duties += [duty_id] * len(own)
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._index = bm25s.BM25()
        self._index.index(texts, show_progress=False)

    def find(self, text: str, alternatives: Sequence[str] = (), spoken: bool = False) -> Finding:
        """Duties whose sayings share telling words with `text`."""
        start = time.perf_counter()
        best: dict[str, float] = {}
        for hearing in (text, *alternatives):
            for duty, score in self._scores(hearing).items():
                best[duty] = max(score, best.get(duty, 0.0))
        ranked = sorted(best.items(), key=lambda pair: -pair[1])[:5]
        candidates: tuple[Candidate, ...] = ()
        if ranked:
            raw = np.exp(_SHARPNESS * (np.array([score for _, score in ranked]) - ranked[0][1]))
            certainty = min(1.0, ranked[0][1] / 8)
            shares = raw / raw.sum() * certainty
            candidates = tuple(Candidate(d, float(p), {"bm25": s}) for (d, s), p in zip(ranked, shares, strict=True))
        return Finding(_outcome(candidates), candidates, self._version, (time.perf_counter() - start) * 1000)

    def _scores(self, text: str) -> dict[str, float]:
        words = [word for word in words_of(plain(text)) if word in self._index.vocab_dict]
        if not words:
            return {}
        found, scores = self._index.retrieve([words], k=_NEIGHBOURS, show_progress=False)
        best: dict[str, float] = {}
        for row, score in zip(found[0], scores[0], strict=True):
            duty = self._duties[int(row)]
            if score > 0:
                best[duty] = max(float(score), best.get(duty, 0.0))
        return best


def _outcome(candidates: Sequence[Candidate]) -> Outcome:
    if not candidates:
        return Outcome.PASS_ON
    if candidates[0].probability >= _ANSWER:
        return Outcome.ANSWER
    together = sum(candidate.probability for candidate in candidates[:3])
    return Outcome.ASK if together >= _ASK and len(candidates) > 1 else Outcome.PASS_ON

"""Duties called by their own name: who says “临时救助” means that one, whatever else is in the sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.duty_list import DutyList
from knowledge.search.finding import Candidate

_SHORTEST = 4
_CALLED = 0.9
"""How probable a duty is that was called by its name and by no other duty's."""
_PARTS = re.compile(r"[与、和()（）,，]")


class DutyNames:
    """The parts of the duties' Chinese names that belong to one duty alone."""

    def __init__(self, duty_list: DutyList) -> None:
        owners: dict[str, set[str]] = {}
        for duty in duty_list.duties.values():
            for part in _PARTS.split(duty.name.zh):
                if len(part) >= _SHORTEST:
                    owners.setdefault(part, set()).add(duty.id)
        self._owner = {part: next(iter(ids)) for part, ids in owners.items() if len(ids) == 1}

    def first(self, text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """`candidates` with the one duty first that `text` calls by name; unchanged when it calls none or several."""
        called = {owner for part, owner in self._owner.items() if part in text}
        if len(called) != 1 or (candidates and candidates[0].duty in called):
            return candidates
        duty = called.pop()
        own = next((candidate for candidate in candidates if candidate.duty == duty), None)
        named = Candidate(duty, _CALLED, {**(own.evidence if own else {}), "name": 1.0})
        return (named, *_scaled([other for other in candidates if other.duty != duty], 1 - _CALLED))


def _scaled(candidates: Sequence[Candidate], share: float) -> list[Candidate]:
    """The same candidates, together at most `share` probable."""
    total = sum(candidate.probability for candidate in candidates)
    factor = min(1.0, share / total) if total else 1.0
    return [Candidate(c.duty, c.probability * factor, c.evidence) for c in candidates][:4]

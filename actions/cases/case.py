"""A case (工单): an append-only history, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a case stands. Residents see the words for it from `actions/words/`."""

    OPENED = "opened"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    IN_WORK = "in_work"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[State, frozenset[State]] = {
    State.OPENED: frozenset({State.DISPATCHED, State.WITHDRAWN}),
    State.DISPATCHED: frozenset({State.ACCEPTED, State.DISPATCHED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.IN_WORK, State.WAITING, State.RESOLVED, State.DISPATCHED, State.WITHDRAWN}),
    State.IN_WORK: frozenset({State.WAITING, State.RESOLVED, State.DISPATCHED, State.WITHDRAWN}),
    State.WAITING: frozenset({State.IN_WORK, State.RESOLVED, State.WITHDRAWN}),
    State.RESOLVED: frozenset({State.CLOSED, State.IN_WORK}),
    State.CLOSED: frozenset({State.IN_WORK}),
    State.WITHDRAWN: frozenset(),
}
"""From each state, the states that staff or the resident may move a case to; RESOLVED → IN_WORK is a reopening."""


class IllegalMove(ValueError):
    """A case cannot go from one state to the other."""

    def __init__(self, current: State, wanted: State) -> None:
        self.current, self.wanted = current, wanted
        allowed = ", ".join(sorted(MOVES[current])) or "nothing"
        super().__init__(f"a case that is {current} cannot become {wanted}; it can become: {allowed}")


@dataclass(frozen=True)
class Happening:
    """One line of a case's history. `kind` is a `State` for a move, else what was added (words, urge, rating)."""

    at: datetime
    kind: str
    by: str
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A case as it stands, derived from its history. Times are UTC."""

    id: int
    number: str
    duty: str
    list_version: str
    office: str
    community: str | None
    what: str
    place: str
    language: str
    urgent: bool
    anonymous: bool
    opened_at: datetime
    due_at: datetime | None
    state: State
    phone_tail: str
    """The last four digits of the contact phone, or the code given in their stead."""
    details: Mapping[str, Any]
    history: tuple[Happening, ...]


def state_of(history: Iterable[Happening]) -> State:
    """The state that a history ends in. Raises `IllegalMove` when the history is not a possible one."""
    state: State | None = None
    for happening in history:
        if happening.kind not in set(State):
            continue
        wanted = State(happening.kind)
        if state is not None and wanted not in MOVES[state]:
            raise IllegalMove(state, wanted)
        state = wanted
    return state or State.OPENED

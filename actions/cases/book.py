"""What the dialogue needs from whatever keeps cases: a Protocol with one real store and no framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from actions.cases.case import Case, Happening


@dataclass(frozen=True)
class Contact:
    """How the resident wishes to be reached; every field may be empty, and none is ever guessed."""

    phone: str = ""
    email: str = ""
    wish: str = ""
    """In their own words: “afternoons”, “WeChat voice only”."""


@dataclass(frozen=True)
class NewCase:
    """All that is needed to open a case."""

    talk_id: int | None
    duty: str
    list_version: str
    office: str
    community: str | None
    what: str
    place: str
    language: str
    urgent: bool
    anonymous: bool
    contact: Contact
    phone_tail: str
    opened_at: datetime
    due_at: datetime | None
    details: Mapping[str, Any] = field(default_factory=dict)


class CaseBook(Protocol):
    """Opens cases and appends to their histories, inside the transaction of the message at hand."""

    def open(self, new: NewCase) -> Case:
        """Open and dispatch a case; its number is set."""

    def by_number(self, number: str) -> Case | None:
        """The case with this number, if there is one."""

    def of_talk(self, talk_id: int) -> Sequence[Case]:
        """The cases opened in a talk, newest first; cases without a name are never among them."""

    def append(self, number: str, happening: Happening) -> Case:
        """Add a line to a case's history. Raises `IllegalMove` for an impossible one."""

    def failed_lookups(self, talk_id: int, number: str, since: datetime) -> tuple[int, int]:
        """How often since then this talk named a wrong pair, and how often anybody did for this number."""

    def note_failed_lookup(self, talk_id: int, number: str, at: datetime) -> None:
        """Remember a wrong pair of number and code."""

    def ask_for_person(self, talk_id: int, at: datetime, reason: str, summary: Mapping[str, Any]) -> int:
        """Record that this talk wants a person; asking again is the same request. Returns its place in the queue."""

    def raise_alert(self, colour: str, kind: str, at: datetime, detail: Mapping[str, Any]) -> None:
        """Show staff something at once; the same open alert is not raised twice."""

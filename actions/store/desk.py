"""What staff see and do from the command line: cases, the queue for a person, alerts; moving a case on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from actions.cases.case import Case, Happening, State
from actions.dialogue.news import news_of
from actions.store.case_book import SqlCaseBook
from actions.store.store import Store
from actions.store.tables import AlertRow, CaseRow, HandoffRow, ReplyRow, TalkRow
from actions.words import Words
from knowledge.duty_list import DutyList


@dataclass(frozen=True)
class Waiting:
    """A talk that waits for a person."""

    id: int
    talk_id: int
    asked_at: datetime
    reason: str
    summary: dict[str, Any]


@dataclass(frozen=True)
class Alert:
    """Something that staff must see."""

    colour: str
    kind: str
    raised_at: datetime
    ended_at: datetime | None
    detail: dict[str, Any]


class Desk:
    """Staff's view of one store."""

    def __init__(self, store: Store, duty_list: DutyList, words: Words) -> None:
        self._store, self._duty_list, self._words = store, duty_list, words

    def cases(self, office: str = "", state: str = "") -> Sequence[Case]:
        """Cases, newest first, of one office or in one state."""
        with self._store.transaction() as session:
            query = select(CaseRow.number).order_by(CaseRow.id.desc())
            if office:
                query = query.where(CaseRow.office == office)
            if state:
                query = query.where(CaseRow.state == state)
            book = SqlCaseBook(session)
            found = [book.by_number(number) for number in session.scalars(query) if number]
            return [case for case in found if case is not None]

    def contact(self, number: str) -> dict[str, Any]:
        """How the resident of a case wishes to be reached."""
        with self._store.transaction() as session:
            row = session.scalar(select(CaseRow).where(CaseRow.number == number))
            return dict(row.contact) if row else {}

    def move(self, number: str, state: State, by: str, note: str, now: datetime) -> Case:
        """Move a case on and tell the resident, in one transaction.

        Raises LookupError when there is no such case and `IllegalMove` when it cannot go there.
        """
        with self._store.transaction() as session:
            case = SqlCaseBook(session).append(number, Happening(now, state, by, note))
            self._tell(session, case, note, now)
            return case

    def note(self, number: str, by: str, note: str, now: datetime) -> Case:
        """Add a word from staff to a case and tell the resident. Raises LookupError."""
        with self._store.transaction() as session:
            case = SqlCaseBook(session).append(number, Happening(now, "note", by, note))
            self._tell(session, case, note, now)
            return case

    def waiting(self) -> Sequence[Waiting]:
        """Talks that wait for a person, longest first."""
        with self._store.transaction() as session:
            rows = session.scalars(select(HandoffRow).where(HandoffRow.state == "waiting").order_by(HandoffRow.id))
            return [Waiting(row.id, row.talk_id, row.asked_at, row.reason, row.summary) for row in rows]

    def alerts(self, *, ended: bool = False) -> Sequence[Alert]:
        """Alerts, newest first; the open ones, or all."""
        with self._store.transaction() as session:
            query = select(AlertRow).order_by(AlertRow.id.desc())
            if not ended:
                query = query.where(AlertRow.ended_at.is_(None))
            return [Alert(r.colour, r.kind, r.raised_at, r.ended_at, r.detail) for r in session.scalars(query)]

    def _tell(self, session: Any, case: Case, note: str, now: datetime) -> None:
        row = session.scalar(select(CaseRow).where(CaseRow.number == case.number))
        if row.talk_id is None:
            return  # a case without a name: nobody can be told
        talk = session.get_one(TalkRow, row.talk_id)
        text = news_of(case, note, self._duty_list, self._words, row.language, talk.script)
        session.add(ReplyRow(talk_id=row.talk_id, body={"text": text, "buttons": []}, said_at=now))

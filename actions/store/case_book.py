"""The case book over SQL: `actions.cases.book.CaseBook` inside one session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions.cases.book import NewCase
from actions.cases.case import Case, Happening, State, state_of
from actions.cases.number import case_number
from actions.store.tables import AlertRow, AttemptRow, CaseRow, HandoffRow, HappeningRow


class SqlCaseBook:
    """Cases, handoffs and alerts in the transaction of `session`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, new: NewCase) -> Case:
        row = CaseRow(
            talk_id=None if new.anonymous else new.talk_id,
            duty=new.duty,
            list_version=new.list_version,
            office=new.office,
            community=new.community,
            what=new.what,
            place=new.place,
            language=new.language,
            urgent=new.urgent,
            anonymous=new.anonymous,
            contact=asdict(new.contact),
            phone_tail=new.phone_tail,
            details=dict(new.details),
            opened_at=new.opened_at,
            due_at=new.due_at,
            state=State.OPENED,
        )
        self._session.add(row)
        self._session.flush()
        row.number = case_number(row.id)
        self._add(row, Happening(new.opened_at, State.OPENED, "resident"))
        self._add(row, Happening(new.opened_at, State.DISPATCHED, "jietong", data={"office": new.office}))
        return self._case(row)

    def by_number(self, number: str) -> Case | None:
        row = self._session.scalar(select(CaseRow).where(CaseRow.number == number))
        return self._case(row) if row else None

    def of_talk(self, talk_id: int) -> Sequence[Case]:
        rows = self._session.scalars(select(CaseRow).where(CaseRow.talk_id == talk_id).order_by(CaseRow.id.desc()))
        return [self._case(row) for row in rows]

    def append(self, number: str, happening: Happening) -> Case:
        row = self._session.scalar(select(CaseRow).where(CaseRow.number == number).with_for_update())
        if row is None:
            raise LookupError(f"no case {number}")
        self._add(row, happening)
        return self._case(row)

    def failed_lookups(self, talk_id: int, number: str, since: datetime) -> tuple[int, int]:
        recent = select(func.count()).select_from(AttemptRow).where(AttemptRow.at >= since)
        by_talk = self._session.scalar(recent.where(AttemptRow.talk_id == talk_id)) or 0
        by_number = self._session.scalar(recent.where(AttemptRow.number == number)) or 0
        return by_talk, by_number

    def note_failed_lookup(self, talk_id: int, number: str, at: datetime) -> None:
        self._session.add(AttemptRow(talk_id=talk_id, number=number, at=at))

    def ask_for_person(self, talk_id: int, at: datetime, reason: str, summary: Mapping[str, Any]) -> int:
        waiting = select(HandoffRow).where(HandoffRow.state == "waiting")
        mine = self._session.scalar(waiting.where(HandoffRow.talk_id == talk_id))
        if mine is None:
            mine = HandoffRow(talk_id=talk_id, asked_at=at, reason=reason, summary=dict(summary), state="waiting")
            self._session.add(mine)
            self._session.flush()
        ahead = select(func.count()).where(HandoffRow.state == "waiting", HandoffRow.id < mine.id)
        return (self._session.scalar(ahead) or 0) + 1

    def raise_alert(self, colour: str, kind: str, at: datetime, detail: Mapping[str, Any]) -> None:
        same = select(AlertRow).where(AlertRow.kind == kind, AlertRow.ended_at.is_(None))
        for alert in self._session.scalars(same):
            if alert.detail == dict(detail):
                return
        self._session.add(AlertRow(colour=colour, kind=kind, raised_at=at, detail=dict(detail)))

    def end_alerts(self, kind: str, at: datetime) -> None:
        """End the open alerts of a kind."""
        for alert in self._session.scalars(select(AlertRow).where(AlertRow.kind == kind, AlertRow.ended_at.is_(None))):
            alert.ended_at = at

    def _history(self, row: CaseRow) -> tuple[Happening, ...]:
        rows = self._session.scalars(
            select(HappeningRow).where(HappeningRow.case_id == row.id).order_by(HappeningRow.position)
        )
        return tuple(Happening(h.at, h.kind, h.by, h.note, h.data) for h in rows)

    def _add(self, row: CaseRow, happening: Happening) -> None:
        history = self._history(row)
        row.state = state_of((*history, happening))
        self._session.add(
            HappeningRow(
                case_id=row.id,
                position=len(history),
                at=happening.at,
                kind=happening.kind,
                by=happening.by,
                note=happening.note,
                data=dict(happening.data),
            )
        )
        self._session.flush()

    def _case(self, row: CaseRow) -> Case:
        return Case(
            id=row.id,
            number=row.number or "",
            duty=row.duty,
            list_version=row.list_version,
            office=row.office,
            community=row.community,
            what=row.what,
            place=row.place,
            language=row.language,
            urgent=row.urgent,
            anonymous=row.anonymous,
            opened_at=row.opened_at,
            due_at=row.due_at,
            state=State(row.state),
            phone_tail=row.phone_tail,
            details=row.details,
            history=self._history(row),
        )

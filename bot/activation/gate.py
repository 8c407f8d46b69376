"""The gate that a model learned anew passes before it is used: measured beside the one in use, and refused when worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from bot.activation.contest import Figures, table, worse
from bot.activation.record import Entry, Record, Standing

Model = TypeVar("Model")

ANYWAY = 'Better data and `make up`, or take it all the same: jietong activate --anyway --why "…"'


class CannotGoOn(Exception):
    """The model in use cannot be used any more; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Asked:
    """What an operator asked for: to measure again what was refused, or to take it all the same, and why."""

    again: bool = False
    anyway: bool = False
    by: str = "start"
    why: str = ""


ORDINARY_START = Asked()
"""Nobody asked for anything."""


@dataclass(frozen=True)
class Newest(Generic[Model]):
    """The model of the present data."""

    name: str
    open: Callable[[], Model]
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gate(Generic[Model]):
    """Decides for one kind of model which one is used."""

    kind: str
    """Its key in the record."""
    called: str
    """What an operator calls it, as the beginning of a sentence."""
    reopen: Callable[[Entry], Model]
    """The model in use, as the record knows it. Raises `CannotGoOn`."""
    unfit: Callable[[Model], str]
    """Why a model that was in use, though it can be measured, does not fit the present data; empty when it does."""
    measure: Callable[[Model], Figures]
    measured_on: Callable[[], str]
    """What is measured on, by content: a refusal holds as long as it is the same."""
    record: Record
    tell: Callable[[str], None]
    asked: Asked = ORDINARY_START
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def choose(self, newest: Newest[Model]) -> Model:
        """The newest model where it may be used, else the one in use. What was decided is told and recorded."""
        standing = self.record.standing(self.kind)
        used = standing.in_use
        if used is not None and used.name == newest.name:
            if standing.refused is not None:
                self.record.write(self.kind, Standing(standing.taken))
            return newest.open()
        if used is not None and (kept := self._still_refused(standing, used, newest)) is not None:
            return kept
        model = newest.open()
        entry = self._entry(newest, self.measure(model))
        if used is None:
            self.record.write(self.kind, standing.take(entry))
            return model
        return self._contest(standing, used, model, entry)

    def _contest(self, standing: Standing, used: Entry, model: Model, entry: Entry) -> Model:
        try:
            old = self.reopen(used)
        except CannotGoOn as gone:
            self._take_for_want(standing, entry, str(gone), used.figures)
            return model
        figures, reason = self.measure(old), self.unfit(old)
        if reason:
            self._take_for_want(standing, entry, reason, figures)
        elif not worse(figures, entry.figures):
            self.record.write(self.kind, standing.take(entry))
            on = f"not worse on {entry.figures['rows']:g} frozen rows" if entry.figures.get("rows") else "not measured"
            self.tell(f"{self.called}: the new one is in use ({on}).")
        elif self.asked.anyway:
            self.record.write(self.kind, standing.take(entry))
            self.tell(f"{self.called}: the new one is in use though it is worse, as {self.asked.by} asked.")
            self._show(figures, entry.figures)
        else:
            self.record.write(self.kind, standing.refuse(entry, figures))
            self._say_refused(figures, entry.figures)
            return old
        return model

    def _still_refused(self, standing: Standing, used: Entry, newest: Newest[Model]) -> Model | None:
        """The model in use where the newest was refused before, on the same rows, and nobody asks again."""
        refused = standing.refused
        if refused is None or refused.name != newest.name or self.asked.again or self.asked.anyway:
            return None
        if refused.measured_on != self.measured_on():
            return None
        try:
            old = self.reopen(used)
        except CannotGoOn:
            return None
        if self.unfit(old):
            return None
        self._say_refused(used.figures, refused.figures)
        return old

    def _take_for_want(self, standing: Standing, entry: Entry, reason: str, figures: Figures) -> None:
        """Take the new one because the one in use cannot go on."""
        self.record.write(self.kind, standing.take(entry))
        self.tell(f"{self.called}: the new one is in use, because {reason}.")
        if worse(figures, entry.figures):
            self.tell("It is worse than the one before; look at what was changed:")
        self._show(figures, entry.figures)

    def _say_refused(self, figures: Figures, refused: Figures) -> None:
        self.tell(f"{self.called}: the new one is refused, it is worse than the one in use, which goes on.")
        self._show(figures, refused)
        self.tell(ANYWAY)

    def _show(self, old: Figures, new: Figures) -> None:
        for line in table(old, new):
            self.tell(line)

    def _entry(self, newest: Newest[Model], figures: Figures) -> Entry:
        return Entry(
            newest.name,
            dict(newest.parts),
            dict(figures),
            self.measured_on(),
            self.now().isoformat(timespec="seconds"),
            self.asked.by,
            self.asked.why,
        )

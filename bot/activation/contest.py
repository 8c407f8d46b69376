"""When a new model is worse than the one in use, and the table that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
"""What was measured, by the name of a measure, and how many `rows` it was measured on."""

EXACT = 1e-9
"""Shares are rounded to four digits: what differs by less is equal."""


@dataclass(frozen=True)
class Measure:
    """One figure that is compared."""

    name: str
    label: str
    higher_is_better: bool
    tolerance: float
    """By how much a new model may be worse and is still taken."""

    def is_worse(self, old: Figures, new: Figures) -> bool:
        """Whether `new` is worse than `old` by more than is tolerated; not where either was not measured."""
        if self.name not in old or self.name not in new:
            return False
        lost = old[self.name] - new[self.name] if self.higher_is_better else new[self.name] - old[self.name]
        return lost > self.tolerance + EXACT


MEASURES = (
    # A missed emergency is the one mistake that no later question mends: none that was recognised may be lost.
    Measure("emergency_recall", "emergencies recognised", True, 0.0),
    # An alarm for nothing costs the resident a sentence; two in a hundred is the noise of the frozen sentences.
    Measure("emergency_false_alarms", "alarms for nothing", False, 0.02),
    # Six of three hundred sentences: those at the borders of two intents change sides with any new sentence. A
    # twentieth of all sentences left out moved it by one point.
    Measure("macro_f1", "intents, macro-F1", True, 0.02),
    # Ten of five hundred requests: neighbouring duties change places when either gets new sayings. A twentieth of all
    # sayings left out moved it by 0.8 points.
    Measure("top1", "right duty first", True, 0.02),
    # A wrong office that is stated as fact sends the resident the wrong way: half of that.
    Measure("wrong_stated", "wrong office stated", False, 0.01),
)


def worse(old: Figures, new: Figures) -> list[Measure]:
    """The measures in which `new` is worse than what is tolerated."""
    return [measure for measure in MEASURES if measure.is_worse(old, new)]


def table(old: Figures, new: Figures) -> list[str]:
    """The lines of a table of both, with what may be lost; a mark where `new` lost more."""
    rows = [("", "in use", "new", "may lose", "")]
    for measure in MEASURES:
        if measure.name in old or measure.name in new:
            shown = (_cell(old.get(measure.name)), _cell(new.get(measure.name)), _cell(measure.tolerance))
            rows.append((measure.label, *shown, "worse" if measure.is_worse(old, new) else ""))
    rows.append(("rows", f"{old.get('rows', 0):g}", f"{new.get('rows', 0):g}", "", ""))
    return [f"  {label:<24}{a:>8}{b:>8}{c:>10}  {mark}".rstrip() for label, a, b, c, mark in rows]


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"

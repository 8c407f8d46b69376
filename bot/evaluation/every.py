"""All sets in one run, and one table of what came out: emergencies first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.dialogue.scene import Knowledge
from bot.evaluation.intents import evaluate_intents, understood
from bot.evaluation.sets import EvalSet, Kind, fitting, intent_rows, request_rows
from knowledge.search.evaluation import evaluate_requests

COLUMNS = {
    "emergency_recall": "emergency recall",
    "emergency_false_alarms": "false alarms",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "top1": "top-1",
    "top3": "top-3",
    "office_top1": "office",
    "wrong_stated": "wrong stated",
    "answered": "answered",
    "asked": "asked",
    "passed": "passed on",
    "ece": "ECE",
    "ms_p50": "p50 ms",
}


@dataclass(frozen=True)
class Measured:
    """One set with its figures, as `jietong eval` of its kind gives them."""

    of: EvalSet
    figures: Mapping[str, Any]
    left_out: int = 0
    """Rows whose duty is not in this street's list."""

    def as_row(self) -> dict[str, Any]:
        """As JSON holds it."""
        head = {"set": self.of.name, "file": str(self.of.file), "kind": str(self.of.kind), "spoken": self.of.spoken}
        return {**head, **self.figures, "left_out": self.left_out}


def evaluate_every(sets: Sequence[EvalSet], know: Knowledge, classify: Callable[[str], str]) -> list[Measured]:
    """Figures of each set that can be scored; a set none of whose duties is in the list has no figures but n."""
    out: list[Measured] = []
    for each in sets:
        if each.kind is Kind.INTENTS:
            rows = intent_rows(each.file)
            out.append(Measured(each, evaluate_intents(rows, understood(know.emergencies, know.listener, classify))))
        elif each.kind is Kind.REQUESTS:
            rows = request_rows(each.file, know.listener, each.spoken)
            kept = fitting(rows, know.duty_list.duties)
            figures = evaluate_requests(kept, know.search, know.duty_list, each.spoken) if kept else {"n": 0}
            out.append(Measured(each, figures, len(rows) - len(kept)))
    return out


def lines(measured: Sequence[Measured]) -> list[str]:
    """A table, a line for each set; a column that no set has is left out."""
    columns = [key for key in COLUMNS if any(key in each.figures for each in measured)]
    rows = [["set", "n", *(COLUMNS[key] for key in columns)]]
    for each in measured:
        rows.append([each.of.name, f"{each.figures['n']:g}", *(_cell(key, each.figures) for key in columns)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    out = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    out += [
        f"{each.of.name}: {each.left_out} rows left out, their duties are not in this list"
        for each in measured
        if each.left_out
    ]
    return out


def _cell(key: str, figures: Mapping[str, Any]) -> str:
    if key not in figures:
        return "–"
    return f"{figures[key]:.2f}" if key == "ms_p50" else f"{figures[key]:.3f}"

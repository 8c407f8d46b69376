"""What counts as worse, and how it is shown."""

from __future__ import annotations

import pytest

from bot.activation.contest import MEASURES, table, worse

GOOD = {"top1": 0.85, "wrong_stated": 0.01, "macro_f1": 0.95, "emergency_recall": 1.0, "emergency_false_alarms": 0.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("top1", 0.82),
        ("wrong_stated", 0.03),
        ("macro_f1", 0.92),
        ("emergency_recall", 0.9667),
        ("emergency_false_alarms", 0.03),
    ],
)
def test_each_measure_alone_makes_a_model_worse(name: str, value: float) -> None:
    assert [measure.name for measure in worse(GOOD, {**GOOD, name: value})] == [name]


@pytest.mark.parametrize(("name", "value"), [("top1", 0.83), ("wrong_stated", 0.02), ("macro_f1", 0.93)])
def test_what_is_tolerated_is_not_worse(name: str, value: float) -> None:
    assert worse(GOOD, {**GOOD, name: value}) == []


def test_better_is_never_worse() -> None:
    assert worse({**GOOD, "top1": 0.5, "wrong_stated": 0.2}, GOOD) == []


def test_what_was_not_measured_is_not_compared() -> None:
    assert worse({"rows": 0}, GOOD) == [] == worse(GOOD, {"rows": 0})


def test_no_emergency_may_be_lost() -> None:
    assert next(measure for measure in MEASURES if measure.name == "emergency_recall").tolerance == 0


def test_table_has_both_figures_and_marks_what_is_worse() -> None:
    lines = table({"top1": 0.85, "wrong_stated": 0.01, "rows": 460}, {"top1": 0.61, "wrong_stated": 0.01, "rows": 460})
    assert [line.split() for line in lines] == [
        ["in", "use", "new", "may", "lose"],
        ["right", "duty", "first", "0.850", "0.610", "0.020", "worse"],
        ["wrong", "office", "stated", "0.010", "0.010", "0.010"],
        ["rows", "460", "460"],
    ]

"""Figures are counted as the goals define them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from knowledge.duty_list import DutyList
from knowledge.search.evaluation import calibration_error, evaluate_requests
from knowledge.search.finding import Candidate, Finding, Outcome

KEYS = {
    "n", "top1", "top1_strict", "top3", "office_top1", "answered", "asked", "passed", "wrong_stated", "ece", "ms_p50",
    "ms_p95", "list_version", "by_office",
}  # fmt: skip


class Scripted:
    """Answers what it was told to."""

    def __init__(self, findings: dict[str, tuple[Outcome, list[str]]]) -> None:
        self._findings = findings

    def find(self, text: str, alternatives: Sequence[str] = (), spoken: bool = False) -> Finding:
        outcome, duties = self._findings[text]
        return Finding(outcome, tuple(Candidate(d, 0.9 / (i + 1)) for i, d in enumerate(duties)), "v1", 1.5)


@pytest.fixture
def figures(small_list: DutyList) -> dict[str, object]:
    search = Scripted(
        {
            "right": (Outcome.ANSWER, ["CIT-05", "CIT-01"]),
            "also": (Outcome.ANSWER, ["CIT-01"]),
            "third": (Outcome.ASK, ["GOV-17", "EME-04", "CIT-06"]),
            "wrong": (Outcome.ANSWER, ["OUT-02"]),
            "nothing": (Outcome.PASS_ON, ["OUT-02"]),
            "nothing, stated": (Outcome.ANSWER, ["OUT-02"]),
        }
    )
    rows = [
        {"text": "right", "duty": "CIT-05"},
        {"text": "also", "duty": "CIT-05", "also": ["CIT-01"]},
        {"text": "third", "duty": "CIT-06", "also": []},
        {"text": "wrong", "duty": "CIT-06"},
        {"text": "nothing", "duty": "NONE"},
        {"text": "nothing, stated", "duty": "NONE"},
    ]
    return evaluate_requests(rows, search, small_list)


def test_exactly_the_promised_keys(figures: dict[str, object]) -> None:
    assert set(figures) == KEYS


def test_what_also_counts_counts_in_top1_but_not_strictly(figures: dict[str, object]) -> None:
    assert figures["top1"] == pytest.approx(3 / 6, abs=1e-3)
    assert figures["top1_strict"] == pytest.approx(2 / 6, abs=1e-3)
    assert figures["top3"] == pytest.approx(4 / 6, abs=1e-3)


def test_every_row_is_answered_asked_or_passed_on(figures: dict[str, float]) -> None:
    assert figures["answered"] + figures["asked"] + figures["passed"] == pytest.approx(1, abs=1e-3)


def test_naming_a_body_for_what_fits_nothing_is_wrong_as_stated(figures: dict[str, object]) -> None:
    assert figures["wrong_stated"] == pytest.approx(2 / 6, abs=1e-3)


def test_office_is_right_when_another_duty_of_it_was_named(figures: dict[str, object]) -> None:
    assert figures["office_top1"] == pytest.approx(3 / 6, abs=1e-3)


def test_figures_by_office_of_the_right_duty(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    assert figures["by_office"]["city"] == {"n": 4, "top1": 0.5}
    assert figures["by_office"]["NONE"]["n"] == 2


def test_calibration_error_is_the_gap_between_said_and_right() -> None:
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == pytest.approx(0)
    assert calibration_error([(0.95, False)] * 4) == pytest.approx(0.95)

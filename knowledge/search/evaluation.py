"""How well a search does on labelled requests, in the terms that the goals are written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from knowledge.duty_list import DutyList
from knowledge.search.finding import Finding, Outcome, Search

NOTHING = "NONE"
_BINS = 10


def evaluate_requests(
    rows: Iterable[Mapping[str, Any]], search: Search, duty_list: DutyList, spoken: bool = False
) -> dict[str, Any]:
    """Figures over rows of `id, text, duty, also[], clear, alternatives[]` (all but text and duty may be missing).

    A row whose duty is `NONE` is right when it is passed on. Shares are of all rows, from 0 to 1; `ms_*` in
    milliseconds.
    """
    judged = [_judge(row, search, duty_list, spoken) for row in rows]
    n = len(judged)
    if not n:
        raise ValueError("no rows to evaluate")

    def share(key: str) -> float:
        return round(sum(bool(one[key]) for one in judged) / n, 4)

    times = np.array([one["milliseconds"] for one in judged])
    return {
        "n": n,
        "top1": share("top1"),
        "top1_strict": share("strict"),
        "top3": share("top3"),
        "office_top1": share("office"),
        "answered": share("answered"),
        "asked": share("asked"),
        "passed": share("passed"),
        "wrong_stated": share("wrong"),
        "ece": round(calibration_error([(one["probability"], one["named"]) for one in judged]), 4),
        "ms_p50": round(float(np.percentile(times, 50)), 2),
        "ms_p95": round(float(np.percentile(times, 95)), 2),
        "list_version": duty_list.version,
        "by_office": _by_office(judged),
    }


def calibration_error(sure: list[tuple[float, bool]]) -> float:
    """Expected calibration error over ten equal bins of (probability of the first candidate, whether it was right)."""
    return sum(abs(said - right) * share for said, right, share in reliability(sure))


def reliability(sure: list[tuple[float, bool]]) -> list[tuple[float, float, float]]:
    """For each bin that has any: mean probability said, share that was right, share of all rows."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for probability, right in sure:
        bins[min(int(probability * _BINS), _BINS - 1)].append((probability, right))
    return [
        (sum(p for p, _ in one) / len(one), sum(right for _, right in one) / len(one), len(one) / len(sure))
        for one in bins
        if one
    ]


def _judge(row: Mapping[str, Any], search: Search, duty_list: DutyList, spoken: bool) -> dict[str, Any]:
    finding: Finding = search.find(row["text"], tuple(row.get("alternatives") or ()), spoken)
    right = {row["duty"], *(row.get("also") or ())}
    names = [candidate.duty for candidate in finding.candidates]
    first = names[0] if names else NOTHING
    passed = finding.outcome is Outcome.PASS_ON
    nothing_right = NOTHING in right and passed
    offices = {duty_list.duties[duty].office for duty in right if duty in duty_list.duties}
    office = duty_list.duties[first].office if first in duty_list.duties else NOTHING
    expected = row["duty"] if row["duty"] in duty_list.duties else NOTHING
    return {
        "top1": first in right or nothing_right,
        "named": first in right,
        "strict": first == row["duty"] or (row["duty"] == NOTHING and passed),
        "top3": bool(right & set(names[:3])) or nothing_right,
        "office": office in offices or nothing_right,
        "answered": finding.outcome is Outcome.ANSWER,
        "asked": finding.outcome is Outcome.ASK,
        "passed": passed,
        "wrong": finding.outcome is Outcome.ANSWER and first not in right,
        "probability": finding.candidates[0].probability if names else 0.0,
        "milliseconds": finding.milliseconds,
        "by": duty_list.duties[expected].office if expected != NOTHING else NOTHING,
    }


def _by_office(judged: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[bool]] = {}
    for one in judged:
        groups.setdefault(one["by"], []).append(one["top1"])
    return {
        office: {"n": len(rights), "top1": round(sum(rights) / len(rights), 4)}
        for office, rights in sorted(groups.items())
    }

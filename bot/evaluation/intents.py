"""How well intents are told apart."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge.emergencies import Emergencies
from knowledge.listener import Listener

Classify = Callable[[str], str]


def understood(emergencies: Emergencies, listener: Listener, classify: Classify, spoken: bool = False) -> Classify:
    """The intent as the product comes to it: emergencies before anything else, then what the model says."""

    def intent_of(text: str) -> str:
        urgent = any(emergencies.find(said) for said in listener.whole(text, spoken))
        return "emergency" if urgent else classify(listener.plain(text, spoken))

    return intent_of


def evaluate_intents(rows: Sequence[Mapping[str, Any]], classify: Classify) -> dict[str, Any]:
    """Figures over rows with `text` and `intent`.

    `macro_f1` is over the intents that occur in the rows; `emergency_recall` over the rows marked emergency (1.0 when
    there are none), `emergency_false_alarms` the share of the other rows taken for one; times in milliseconds.
    """
    took: list[float] = []
    pairs: list[tuple[str, str]] = []
    for row in rows:
        start = time.perf_counter()
        got = classify(row["text"])
        took.append((time.perf_counter() - start) * 1000)
        pairs.append((row["intent"], got))
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    urgent = [got for want, got in pairs if want == "emergency"]
    other = [got for want, got in pairs if want != "emergency"]
    return {
        "n": len(rows),
        "accuracy": round(sum(want == got for want, got in pairs) / max(len(pairs), 1), 4),
        "macro_f1": round(statistics.fmean(_f1(name, pairs) for name in sorted({want for want, _ in pairs})), 4),
        "emergency_recall": round(urgent.count("emergency") / len(urgent), 4) if urgent else 1.0,
        "emergency_false_alarms": round(other.count("emergency") / len(other), 4) if other else 0.0,
        "confusion": [{"want": want, "got": got, "n": n} for (want, got), n in wrong.most_common()],
        "ms_p50": round(statistics.median(took), 2) if took else 0.0,
    }


def _f1(name: str, pairs: Sequence[tuple[str, str]]) -> float:
    hits = sum(want == got == name for want, got in pairs)
    wanted, given = sum(want == name for want, _ in pairs), sum(got == name for _, got in pairs)
    return 2 * hits / (wanted + given) if wanted + given else 0.0

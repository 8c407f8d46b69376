"""Measure the search: `python -m knowledge.search.bench --eval DIR` prints the tables of docs/benchmarks.md.

The full search beside BM25 alone and the encoder alone, in the same run, on every `*.dev.jsonl` of requests in DIR;
what each part is worth (left out, without learning the others' weights anew); how far probabilities can be believed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.duty_list import DutyList, read_duty_list
from knowledge.encoder.encoders import Encoder, load_encoder
from knowledge.search.evaluation import evaluate_requests, reliability
from knowledge.search.finding import Search
from knowledge.search.fusion import PARTS, Fusion
from knowledge.search.hybrid import HybridSearch, Thresholds, keep_to_one_core
from knowledge.search.index import Index, open_index

SETS = ("requests", "ask", "voice", "hant")

_ALONE = {"BM25 alone": ("words",), "encoder alone": ("nearest", "nearest_three")}
_HEAD = [
    "top-1",
    "top-1 strict",
    "top-3",
    "office",
    "answered",
    "asked",
    "passed on",
    "stated and wrong",
    "ECE",
    "p50 ms",
]
_KEYS = ["top1", "top1_strict", "top3", "office_top1", "answered", "asked", "passed", "wrong_stated", "ece", "ms_p50"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--eval", type=Path, required=True, help="folder with requests.dev.jsonl and the others")
    parser.add_argument("--duties", type=Path, default=Path("knowledge/default"))
    parser.add_argument("--encoder", help="name or path; the shipped one when missing")
    parser.add_argument("--cache", type=Path, default=Path("var/index"))
    options = parser.parse_args()
    duty_list, encoder = read_duty_list(options.duties), load_encoder(options.encoder)
    index = open_index(duty_list, encoder, options.cache, lambda line: print(line, flush=True))
    keep_to_one_core()
    sets = list(_sets(options.eval))
    _print_cross_validation(encoder)
    _print_sets(index, encoder, duty_list, sets)
    _print_ablation(index, encoder, duty_list, sets)
    _print_reliability(index, encoder, duty_list, sets)


def only(index: Index, parts: Sequence[str]) -> Index:
    """The same index with the weights of all other parts zero; “none of them” keeps its constant."""
    kept = np.array([part in parts for part in PARTS], dtype=np.float32)
    fusions = {
        name: Fusion(fusion.parts * kept, fusion.nothing * np.concatenate([[1.0], kept]).astype(np.float32))
        for name, fusion in index.fusions.items()
    }
    return replace(index, fusions=fusions)


def _sets(folder: Path) -> Iterator[tuple[str, bool, list[dict[str, Any]]]]:
    """(name, spoken, rows) of each set and language."""
    for name in SETS:
        file = folder / f"{name}.dev.jsonl"
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        for language in ("zh", "en"):
            chosen = [row for row in rows if row.get("lang", "zh") == language]
            if chosen:
                yield f"{name} {language}", name == "voice", chosen


def _print_cross_validation(encoder: Encoder) -> None:
    figures = (encoder.calibration or {}).get("figures", {})
    if not figures:
        return
    print("\n## Cross-validation over our own sayings, parts and encoder trained without the fold\n")
    _print_table(
        ["register", *next(iter(figures.values()))], [[name, *_cells(one.values())] for name, one in figures.items()]
    )


def _print_sets(
    index: Index, encoder: Encoder, duty_list: DutyList, sets: list[tuple[str, bool, list[dict[str, Any]]]]
) -> None:
    print("\n## Requests\n")
    rows = []
    for name, spoken, chosen in sets:
        searches = {"hybrid": index} | {alone: only(index, parts) for alone, parts in _ALONE.items()}
        for label, one in searches.items():
            figures = evaluate_requests(chosen, _search(one, encoder, duty_list), duty_list, spoken)
            rows.append([name, str(len(chosen)), label, *_cells(figures[key] for key in _KEYS)])
    _print_table(["set", "n", "search", *_HEAD], rows)


def _print_ablation(
    index: Index, encoder: Encoder, duty_list: DutyList, sets: list[tuple[str, bool, list[dict[str, Any]]]]
) -> None:
    print("\n## Top-1 with a part left out\n")
    rows = []
    groups = {
        "nothing": (),
        **_ALONE,
        "classifier": ("sparse",),
        "sound": ("sound",),
    }
    for label, gone in groups.items():
        search = _search(only(index, [part for part in PARTS if part not in gone]), encoder, duty_list)
        found = [evaluate_requests(chosen, search, duty_list, spoken)["top1"] for _, spoken, chosen in sets]
        rows.append([label.removesuffix(" alone"), *_cells(found)])
    _print_table(["left out", *(name for name, _, _ in sets)], rows)


def _print_reliability(
    index: Index, encoder: Encoder, duty_list: DutyList, sets: list[tuple[str, bool, list[dict[str, Any]]]]
) -> None:
    print("\n## Probability said and share right, all sets together\n")
    search = _search(index, encoder, duty_list)
    sure: list[tuple[float, bool]] = []
    for _, spoken, chosen in sets:
        for row in chosen:
            first = search.find(row["text"], row.get("alternatives", ()), spoken).candidates[0]
            sure.append((first.probability, first.duty in {row["duty"], *row.get("also", ())}))
    _print_table(["said", "right", "share of requests"], [_cells(one) for one in reliability(sure)])


def _search(index: Index, encoder: Encoder, duty_list: DutyList) -> Search:
    return HybridSearch(index, encoder, duty_list, Thresholds())


def _cells(values: Any) -> list[str]:
    return [f"{value:.3f}" if isinstance(value, float) and value < 1 else f"{value:g}" for value in values]


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]] | Mapping[str, Any]) -> None:
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---" for _ in head) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()

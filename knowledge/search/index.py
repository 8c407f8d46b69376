"""The index: all parts and how they are fused, built from the duty list and kept in a cache by its content."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from knowledge.duty_list import DutyList
from knowledge.encoder.encoders import Encoder
from knowledge.search import wording
from knowledge.search.evaluation import calibration_error
from knowledge.search.evidence import Evidence
from knowledge.search.examples import NOTHING_FILE, Example, Source, examples_of, nothing_examples, raw_examples
from knowledge.search.fusion import Accepted, Fusion, Table, believed, learn, only
from knowledge.search.hearing import misheard
from nlu.text import segment

Progress = Callable[[str], None]

REGISTERS = ("zh", "en", "spoken")
"""The registers that have weights of their own: written Chinese, English, transcripts of Chinese."""

FORMAT = "11"
"""Changes with what is kept in a folder: an index of another format cannot be used."""
FOLDS = 4
_SEED = 7
MISHEARD = 0.12
_LIKE = 0.25
"""By how much a list may be longer or shorter than the one an encoder's calibration was learned on."""
_ASKED, _ENOUGH = 3_000, 5_000
"""So many held-out texts of a fold, and of a register, tell how to weigh the parts."""
_DRAWN = 2e-3
"""How strongly a few hundred requests are held to the weights that the held-out sayings gave."""
_NOTHING = 0.05
"""What texts that fit no duty weigh beside those that do; there are few examples and much that is like them."""


@dataclass(frozen=True)
class Index:
    """What a search needs: the parts, and for each register how they are weighed."""

    duties: tuple[str, ...]
    evidence: Evidence
    fusions: dict[str, Fusion]

    def save(self, folder: Path) -> None:
        """Write to `folder`, all or nothing."""
        new = folder.with_name(folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        self.evidence.save(new)
        weights = {name: fusion.written() for name, fusion in self.fusions.items()}
        (new / "index.json").write_text(json.dumps({"duties": self.duties, "fusions": weights}), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> Index:
        """Read what `save` wrote."""
        head = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return cls(tuple(head["duties"]), Evidence.load(folder), read_fusions(head["fusions"]))


def fingerprint(duty_list: DutyList, encoder: Encoder) -> str:
    """What the index depends on: the texts, the encoder, how texts are cut, and the format of the files."""
    content = hashlib.sha256(f"{FORMAT} {encoder.name} {' '.join(duty_list.duties)}".encode())
    for part in (wording, segment):
        content.update(Path(str(part.__file__)).read_bytes())
    content.update(segment.OURS.read_bytes())
    for text, duty, source in raw_examples(duty_list):
        content.update(f"{duty} {source} {text}\n".encode())
    content.update(NOTHING_FILE.read_bytes())
    return content.hexdigest()[:16]


def open_index(duty_list: DutyList, encoder: Encoder, cache: Path, progress: Progress) -> Index:
    """The index of a duty list: from `cache` when a whole one is there, else built and kept there."""
    return open_index_in(cache / fingerprint(duty_list, encoder), duty_list, encoder, progress)


def open_index_in(folder: Path, duty_list: DutyList, encoder: Encoder, progress: Progress) -> Index:
    """The index of a duty list, whose fingerprint is the name of `folder`: read, or built and kept there."""
    if (folder / "index.json").exists():
        try:
            return _weighed(Index.load(folder), encoder)
        except (OSError, ValueError, KeyError, RuntimeError) as broken:
            progress(f"search index: what was kept cannot be read ({type(broken).__name__}); building it anew")
    index = build_index(duty_list, encoder, progress)
    index.save(folder)
    return index


def build_index(duty_list: DutyList, encoder: Encoder, progress: Progress) -> Index:
    """Learn the parts from all examples. Their weights come with the encoder, or are learned from folds held out.

    They come with it when they were learned on a list of about this size: chance is another among eight duties.
    """
    start = time.perf_counter()
    examples, duties = examples_of(duty_list), len(duty_list.duties)
    progress(f"search index: {duties} duties, {len(examples)} examples read")
    fusions = _learned_with(encoder, duties)
    if fusions is None:
        nothing = nothing_examples(duties)
        seen = held_out(examples, nothing, lambda _: encoder, duties, progress)
        with threadpool_limits(limits=1):  # many small sums: threads would wait for each other
            fusions, *_ = learn_fusions(seen)
        progress(f"search index: weights learned ({time.perf_counter() - start:.0f} s)")
    evidence = Evidence.of(examples, encoder.encode([example.text for example in examples]), duties)
    progress(f"search index: ready ({time.perf_counter() - start:.0f} s)")
    return Index(tuple(duty_list.duties), evidence, fusions)


def _learned_with(encoder: Encoder, duties: int) -> dict[str, Fusion] | None:
    """The weights that come with an encoder, where they were learned on a list of about this size."""
    learned = encoder.calibration
    if learned is None or abs(duties - learned["duties"]) > _LIKE * learned["duties"]:
        return None
    return read_fusions(learned["fusions"])


def _weighed(index: Index, encoder: Encoder) -> Index:
    """A kept index with the weights that come with the encoder now."""
    fusions = _learned_with(encoder, len(index.duties))
    return index if fusions is None else replace(index, fusions=fusions)


def read_fusions(written: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, Fusion]:
    """The fusions of all registers from JSON."""
    return {name: Fusion.read(weights) for name, weights in written.items()}


@dataclass(frozen=True)
class HeldOut:
    """Evidence for texts that the parts had not seen, and which duty (or none) was right."""

    table: Table
    right: NDArray[np.int64]
    register: NDArray[np.str_]
    record: NDArray[np.bool_]
    fold: NDArray[np.int64]


def held_out(
    examples: Sequence[Example],
    nothing: Sequence[Example],
    encoder_without: Callable[[int], Encoder],
    duties: int,
    progress: Progress,
) -> HeldOut:
    """Every saying's evidence from parts that were learned without its fold; transcripts are the same, misheard.

    `encoder_without` gives the encoder that has not seen a fold.
    """
    fold, nothing_fold = folds_of(examples), np.arange(len(nothing)) % FOLDS
    noisy = misheard([example.text for example in examples], MISHEARD, _SEED)

    def one(k: int) -> HeldOut:
        encoder = encoder_without(k)
        kept, left = [examples[at] for at in np.flatnonzero(fold != k).tolist()], np.flatnonzero(fold == k)
        out = np.random.default_rng(_SEED).permutation(left)[:_ASKED].tolist()
        parts = Evidence.of(kept, encoder.encode([example.text for example in kept]), duties)
        asked = [examples[at] for at in out] + [nothing[at] for at in np.flatnonzero(nothing_fold == k).tolist()]
        heard = [noisy[at] for at in out] + [example.text for example in asked[len(out) :]]
        chinese = [at for at, example in enumerate(asked) if example.language == "zh"]
        right = np.array([example.duty for example in asked])
        progress(f"search index: fold {k + 1} of {FOLDS} held out")
        return HeldOut(
            np.concatenate(
                [
                    parts.table([example.text for example in asked], encoder),
                    parts.table([heard[at] for at in chinese], encoder, spoken=True),
                ]
            ),
            np.concatenate([right, right[chinese]]),
            np.array([example.language for example in asked] + ["spoken"] * len(chinese)),
            np.array([example.record for example in asked] + [asked[at].record for at in chinese]),
            np.full(len(asked) + len(chinese), k),
        )

    folds = [one(k) for k in range(FOLDS)]
    return HeldOut(*(np.concatenate([getattr(part, field.name) for part in folds]) for field in fields(HeldOut)))


def folds_of(examples: Sequence[Example], folds: int = FOLDS) -> NDArray[np.int64]:
    """The fold of each saying, spread evenly over each duty and language; -1 for what is never held out."""
    chance = np.random.default_rng(_SEED)
    groups: dict[tuple[int, str], list[int]] = {}
    for at, example in enumerate(examples):
        if example.source is Source.SAYING:
            groups.setdefault((example.duty, example.language), []).append(at)
    fold = np.full(len(examples), -1)
    for places in groups.values():
        fold[chance.permutation(places)] = (np.arange(len(places)) + chance.integers(folds)) % folds
    return fold


def learn_fusions(seen: HeldOut) -> tuple[dict[str, Fusion], dict[str, Judged], dict[str, dict[str, float]]]:
    """The weights of each register; the sayings as judged by weights that had not seen their fold, and how well.

    From the same probabilities is learned how far they can be believed. Hotline records weigh as much there as all
    other texts together: they are what arrives.
    """
    fusions: dict[str, Fusion] = {}
    figures: dict[str, dict[str, float]] = {}
    judged: dict[str, Judged] = {}
    for register in REGISTERS:
        chosen = np.random.default_rng(_SEED).permutation(np.flatnonzero(seen.register == register))[:_ENOUGH]
        table, right, fold, record = seen.table[chosen], seen.right[chosen], seen.fold[chosen], seen.record[chosen]
        accepted, nothing = only(right, table.shape[1]), right == table.shape[1]
        weight = _shares([(~nothing, 1.0), (nothing, _NOTHING)])
        whole = learn(table, accepted, weight)
        likely = np.zeros(accepted.shape, dtype=np.float32)
        for k in np.unique(fold):
            kept, out_now = fold != k, fold == k
            likely[out_now] = learn(table[kept], accepted[kept], weight[kept], whole).probabilities(table[out_now])
        shares = _shares([(record, 0.5), (~record & ~nothing, 0.5), (nothing, _NOTHING)])
        fusions[register] = believed(whole, table, likely, accepted, shares)
        judged[register] = Judged(table, likely, accepted)
        figures[register] = _figures(fusions[register].believe(table, likely)[~nothing], right[~nothing])
    return fusions, judged, figures


def _figures(likely: Table, right: NDArray[np.int64]) -> dict[str, float]:
    if not len(right):
        return {"n": 0}
    order = np.argsort(-likely[:, :-1], axis=1)
    hit = order[:, 0] == right
    sure = list(zip(likely[:, :-1].max(axis=1).tolist(), hit.tolist(), strict=True))
    return {
        "n": len(right),
        "top1": round(float(hit.mean()), 4),
        "top3": round(float((order[:, :3] == right[:, None]).any(axis=1).mean()), 4),
        "ece": round(calibration_error(sure), 4),
    }


@dataclass(frozen=True)
class Judged:
    """Evidence for texts, what the search took from it without having learned from them, and what is right."""

    table: Table
    likely: Table
    accepted: Accepted


def adapted(fusion: Fusion, table: Table, accepted: Accepted, harder: Judged) -> Fusion:
    """`fusion` drawn to labelled requests that nothing was trained on, and believed as far as it was right.

    What is believed is learned in turn: each quarter of the requests is judged by weights from the other three. The
    held-out sayings, `harder` and strictly labelled, have half a say in it: real requests lie between the two.
    """
    quarter = np.random.default_rng(_SEED).permutation(len(table)) % FOLDS
    likely = np.zeros(accepted.shape, dtype=np.float32)
    bare = replace(fusion, belief=())
    for k in range(FOLDS):
        kept = quarter != k
        likely[~kept] = learn(table[kept], accepted[kept], start=bare, penalty=_DRAWN).probabilities(table[~kept])
    own = np.arange(len(table) + len(harder.table)) < len(table)
    return believed(
        learn(table, accepted, start=bare, penalty=_DRAWN),
        np.concatenate([table, harder.table]),
        np.concatenate([likely, harder.likely]),
        np.concatenate([accepted, harder.accepted]),
        _shares([(own, 1.0), (~own, 1.0)]),
    )


def _shares(groups: list[tuple[NDArray[np.bool_], float]]) -> NDArray[np.float32]:
    """A weight for each row, such that each group weighs its share in all."""
    out: NDArray[np.float32] = np.sum(
        [member * (share / max(int(member.sum()), 1)) for member, share in groups], axis=0, dtype=np.float32
    )
    return out

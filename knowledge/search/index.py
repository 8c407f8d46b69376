"""The index: all parts and how they are fused, built from the duty list and kept in a cache by its content."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.duty_list import DutyList
from knowledge.encoder.encoders import Encoder
from knowledge.search.evidence import Evidence
from knowledge.search.examples import Example, Source, examples_of, nothing_examples
from knowledge.search.fusion import Fusion, Table, learn
from knowledge.search.hearing import misheard

Progress = Callable[[str], None]

REGISTERS = ("zh", "en", "spoken")
"""The registers that have weights of their own: written Chinese, English, transcripts of Chinese."""

_FORMAT = "4"
_FOLDS = 4
_SEED = 7
_MISHEARD = 0.12


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
        weights = {name: {"parts": f.parts.tolist(), "nothing": f.nothing.tolist()} for name, f in self.fusions.items()}
        (new / "index.json").write_text(json.dumps({"duties": self.duties, "fusions": weights}), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> Index:
        """Read what `save` wrote."""
        head = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        fusions = {
            name: Fusion(np.array(f["parts"], dtype=np.float32), np.array(f["nothing"], dtype=np.float32))
            for name, f in head["fusions"].items()
        }
        return cls(tuple(head["duties"]), Evidence.load(folder), fusions)


def fingerprint(duty_list: DutyList, encoder: Encoder) -> str:
    """What the index depends on: the examples, the encoder and the format of the files."""
    content = hashlib.sha256(f"{_FORMAT} {encoder.name}".encode())
    for example in chain(examples_of(duty_list), nothing_examples(len(duty_list.duties))):
        content.update(f"{example.duty} {example.source} {example.text}\n".encode())
    content.update(" ".join(duty_list.duties).encode())
    return content.hexdigest()[:16]


def open_index(duty_list: DutyList, encoder: Encoder, cache: Path, progress: Progress) -> Index:
    """The index of a duty list: from `cache` when it is there, else built and kept there."""
    folder = cache / fingerprint(duty_list, encoder)
    if (folder / "index.json").exists():
        return Index.load(folder)
    index = build_index(duty_list, encoder, progress)
    index.save(folder)
    return index


def is_built(duty_list: DutyList, encoder: Encoder, cache: Path) -> bool:
    """Whether `open_index` would find its index in `cache`."""
    return (cache / fingerprint(duty_list, encoder) / "index.json").exists()


def build_index(duty_list: DutyList, encoder: Encoder, progress: Progress) -> Index:
    """Learn the parts from all examples, and their weights from folds that the parts had not seen."""
    start = time.perf_counter()
    examples = examples_of(duty_list)
    duties = len(duty_list.duties)
    nothing = nothing_examples(duties)
    vectors = encoder.encode([example.text for example in examples])
    progress(f"search index: {duties} duties, {len(examples)} examples read")
    learned = held_out(examples, nothing, encoder, duties, progress)
    fusions = learn_fusions(*learned)
    progress(f"search index: weights learned ({time.perf_counter() - start:.0f} s)")
    evidence = Evidence.of(examples, vectors, duties)
    progress(f"search index: ready ({time.perf_counter() - start:.0f} s)")
    return Index(tuple(duty_list.duties), evidence, fusions)


@dataclass(frozen=True)
class HeldOut:
    """Evidence for texts that the parts had not seen, and which duty (or none) was right."""

    table: Table
    right: NDArray[np.int64]
    register: NDArray[np.str_]
    fold: NDArray[np.int64]


def held_out(
    examples: Sequence[Example], nothing: Sequence[Example], encoder: Encoder, duties: int, progress: Progress
) -> tuple[HeldOut, ...]:
    """Every saying's evidence from parts that were learned without its fold; transcripts are the same misheard."""
    fold = folds_of(examples)
    nothing_fold = np.arange(len(nothing)) % _FOLDS
    vectors = encoder.encode([example.text for example in examples])
    noisy = misheard([example.text for example in examples], _MISHEARD, _SEED)

    def one(k: int) -> list[HeldOut]:
        kept, out = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        parts = Evidence.of([examples[at] for at in kept], vectors[kept], duties)
        asked = [examples[at] for at in out] + [nothing[at] for at in np.flatnonzero(nothing_fold == k)]
        right = np.array([example.duty for example in asked])
        written = HeldOut(
            parts.table([example.text for example in asked], encoder),
            right,
            np.array([example.language for example in asked]),
            np.full(len(asked), k),
        )
        chinese = np.array([at for at in out if examples[at].language == "zh"])
        heard = [noisy[at] for at in chinese] + [example.text for example in asked[len(out) :] if example.language == "zh"]
        right = np.array([examples[at].duty for at in chinese] + [duties] * (len(heard) - len(chinese)))
        spoken = HeldOut(
            parts.table(heard, encoder, spoken=True), right, np.full(len(heard), "spoken"), np.full(len(heard), k)
        )
        progress(f"search index: fold {k + 1} of {_FOLDS} held out")
        return [written, spoken]

    with ThreadPoolExecutor(2) as pool:
        return tuple(chain.from_iterable(pool.map(one, range(_FOLDS))))


def folds_of(examples: Sequence[Example], folds: int = _FOLDS) -> NDArray[np.int64]:
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


def learn_fusions(*parts: HeldOut) -> dict[str, Fusion]:
    """The weights of each register."""
    out: dict[str, Fusion] = {}
    for register in REGISTERS:
        chosen = [(part.table[part.register == register], part.right[part.register == register]) for part in parts]
        table = np.concatenate([table for table, _ in chosen])
        right = np.concatenate([right for _, right in chosen])
        out[register] = learn(table, right)
    return out

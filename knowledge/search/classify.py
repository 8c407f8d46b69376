"""A classifier with one score for each duty, over the sparse features of a text."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.search.wording import features
from nlu.sparse import Vocabulary, matrix

Scores = NDArray[np.float32]

_SEED = 20
_CLOSE_ENOUGH = 0.03
_WORKERS, _FEW = 4, 5_000


@dataclass(frozen=True)
class SparseClassifier:
    """One-against-the-rest linear support vectors over character runs and words."""

    vocabulary: Vocabulary
    table: NDArray[np.float16]
    """[features, duties]"""
    bias: Scores

    @classmethod
    def fit(cls, texts: Sequence[str], duties: NDArray[np.int64], n: int) -> SparseClassifier:
        """Learn from plain texts and the positions of their duties; `n` duties in all, each with an example.

        Each duty is learned by itself, so they are shared out among processes: a minute of one core for 45,000 texts.
        """
        cut = [list(features(text)) for text in texts]
        vocabulary = Vocabulary.of(cut)
        rows = matrix([vocabulary.row(each) for each in cut], len(vocabulary.column))
        workers = min(len(os.sched_getaffinity(0)), _WORKERS) if len(texts) > _FEW else 1
        shares = [range(at, n, workers) for at in range(workers)]
        if workers == 1:
            learned = [_learn_some(rows, duties, shares[0])]
        else:
            with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
                learned = list(pool.map(_learn_some, repeat(rows), repeat(duties), shares))
        table = np.zeros((len(vocabulary.column), n), dtype=np.float16)
        bias = np.zeros(n, dtype=np.float32)
        for share, (columns, offsets) in zip(shares, learned, strict=True):
            table[:, list(share)], bias[list(share)] = columns, offsets
        return cls(vocabulary, table, bias)

    def scores(self, text: str, cut: list[str] | None = None) -> Scores:
        """One score for each duty; `cut` are the words of `text`, where they are known already."""
        columns, values = self.vocabulary.row(features(text, cut))
        out: Scores = values @ self.table[columns].astype(np.float32) + self.bias
        return out

    def save(self, folder: Path) -> None:
        """Write to `folder`."""
        np.savez(folder / "sparse.npz", weight=self.vocabulary.weight, bias=self.bias)
        np.save(folder / "sparse.npy", self.table)
        (folder / "sparse.json").write_text(
            json.dumps(list(self.vocabulary.column), ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> SparseClassifier:
        """Read what `save` wrote."""
        names = json.loads((folder / "sparse.json").read_text(encoding="utf-8"))
        with np.load(folder / "sparse.npz") as arrays:
            vocabulary = Vocabulary({name: at for at, name in enumerate(names)}, arrays["weight"])
            # The table is large, and a text needs a hundred of its rows: it is read where it lies.
            return cls(vocabulary, np.load(folder / "sparse.npy", mmap_mode="r"), arrays["bias"])


def _learn_some(rows: Any, duties: NDArray[np.int64], some: range) -> tuple[NDArray[np.float16], Scores]:
    """Coefficients [features, some] and offsets of some duties, each against all the rest."""
    from sklearn.svm import LinearSVC

    table = np.zeros((rows.shape[1], len(some)), dtype=np.float16)
    bias = np.full(len(some), -1.0, dtype=np.float32)
    for at, duty in enumerate(some):
        wanted = duties == duty
        if wanted.any():
            model = LinearSVC(C=0.3, tol=_CLOSE_ENOUGH, random_state=_SEED).fit(rows, wanted)
            table[:, at], bias[at] = model.coef_[0], model.intercept_[0]
    return table, bias

"""Two classifiers with one score for each duty: over the sparse features of a text, and over its vector."""

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
from nlu.vectors import Vectors

Scores = NDArray[np.float32]

_SEED = 20
_RIDGE, _STEPS = 3e-6, 80
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
        np.savez(folder / "sparse.npz", weight=self.vocabulary.weight, table=self.table, bias=self.bias)
        (folder / "sparse.json").write_text(
            json.dumps(list(self.vocabulary.column), ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> SparseClassifier:
        """Read what `save` wrote."""
        names = json.loads((folder / "sparse.json").read_text(encoding="utf-8"))
        with np.load(folder / "sparse.npz") as arrays:
            vocabulary = Vocabulary({name: at for at, name in enumerate(names)}, arrays["weight"])
            return cls(vocabulary, arrays["table"], arrays["bias"])


@dataclass(frozen=True)
class DenseClassifier:
    """Softmax regression over vectors: one direction for each duty."""

    table: NDArray[np.float32]
    """[dimensions, duties]"""
    bias: Scores

    @classmethod
    def fit(cls, vectors: Vectors, duties: NDArray[np.int64], n: int) -> DenseClassifier:
        """Learn from unit vectors: about ten seconds for 40,000."""
        from scipy.optimize import minimize  # type: ignore[import-untyped]

        rows, dimensions = np.arange(len(vectors)), vectors.shape[1]

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            weights = flat.astype(np.float32).reshape(dimensions + 1, n)
            scores = vectors @ weights[:-1] + weights[-1]
            scores -= scores.max(axis=1, keepdims=True)
            chances = np.exp(scores)
            total = chances.sum(axis=1)
            cost = float((np.log(total) - scores[rows, duties]).mean() + _RIDGE * (weights[:-1] ** 2).sum())
            chances /= total[:, None]
            chances[rows, duties] -= 1
            chances /= len(rows)
            slope = np.concatenate([vectors.T @ chances + 2 * _RIDGE * weights[:-1], chances.sum(axis=0)[None]])
            return cost, slope.ravel().astype(np.float64)

        start = np.zeros((dimensions + 1) * n)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
        weights = found.astype(np.float32).reshape(dimensions + 1, n)
        return cls(weights[:-1], weights[-1])

    def scores(self, vectors: Vectors) -> Scores:
        """[texts, duties]: log probabilities."""
        raw = vectors @ self.table + self.bias
        raw -= raw.max(axis=1, keepdims=True)
        return np.asarray(raw - np.log(np.exp(raw).sum(axis=1, keepdims=True)), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write to `folder`."""
        np.savez(folder / "dense.npz", table=self.table, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> DenseClassifier:
        """Read what `save` wrote."""
        with np.load(folder / "dense.npz") as arrays:
            return cls(arrays["table"], arrays["bias"])


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

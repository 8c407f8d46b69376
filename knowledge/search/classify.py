"""Two classifiers with one score for each duty: over the sparse features of a text, and over its vector."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder.encoders import Vectors
from knowledge.search.wording import features

Scores = NDArray[np.float32]
Rows = list[tuple[NDArray[np.int64], NDArray[np.float32]]]

_SEED = 20
_SHARPNESS, _RIDGE = 2.0, 0.1


@dataclass(frozen=True)
class Vocabulary:
    """The sparse features that stand in at least two examples, with their inverse document frequency."""

    column: dict[str, int]
    weight: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Vocabulary:
        """The vocabulary of plain texts."""
        found = Counter(feature for text in texts for feature in set(features(text)))
        kept = [feature for feature, count in found.items() if count >= 2]
        weight = [np.log((1 + len(texts)) / (1 + found[feature])) + 1 for feature in kept]
        return cls({feature: at for at, feature in enumerate(kept)}, np.array(weight, dtype=np.float32))

    def row(self, text: str, cut: list[str] | None = None) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Columns and values of one text: log counts times inverse document frequency, unit length."""
        counts = Counter(at for at in map(self.column.get, features(text, cut)) if at is not None)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        values = values * self.weight[columns]
        return columns, (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)


@dataclass(frozen=True)
class SparseClassifier:
    """One-against-the-rest linear support vectors over character runs and words."""

    vocabulary: Vocabulary
    table: NDArray[np.float16]
    """[features, duties]"""
    bias: Scores

    @classmethod
    def fit(cls, texts: Sequence[str], duties: NDArray[np.int64], n: int) -> SparseClassifier:
        """Learn from plain texts and the positions of their duties; `n` duties in all, each with an example."""
        from sklearn.svm import LinearSVC

        vocabulary = Vocabulary.of(texts)
        matrix = _matrix([vocabulary.row(text) for text in texts], len(vocabulary.column))
        model = LinearSVC(C=0.3, random_state=_SEED).fit(matrix, duties)
        table = np.zeros((len(vocabulary.column), n), dtype=np.float16)
        bias = np.full(n, -1.0, dtype=np.float32)
        table[:, model.classes_] = model.coef_.T
        bias[model.classes_] = model.intercept_
        return cls(vocabulary, table, bias)

    def scores(self, text: str, cut: list[str] | None = None) -> Scores:
        """One score for each duty; `cut` are the words of `text`, where they are known already."""
        columns, values = self.vocabulary.row(text, cut)
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
    """Kernel ridge regression over vectors: every example votes for and against duties, the nearer the louder."""

    examples: Vectors
    votes: NDArray[np.float32]
    """[examples, duties]"""

    @classmethod
    def fit(cls, vectors: Vectors, duties: NDArray[np.int64], n: int) -> DenseClassifier:
        """Learn from unit vectors. Solves one system as large as the examples are many: seconds for 12,000."""
        from scipy.linalg import cho_factor, cho_solve  # type: ignore[import-untyped]

        wanted = np.full((len(duties), n), -1.0 / n, dtype=np.float32)
        wanted[np.arange(len(duties)), duties] = 1.0
        kernel = _kernel(vectors, vectors)
        kernel[np.diag_indices(len(kernel))] += _RIDGE
        factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        return cls(vectors, cho_solve(factor, wanted, check_finite=False).astype(np.float32))

    def scores(self, vectors: Vectors) -> Scores:
        """[texts, duties]"""
        out: Scores = _kernel(vectors, self.examples) @ self.votes
        return out

    def save(self, folder: Path) -> None:
        """Write to `folder`."""
        np.savez(folder / "dense.npz", examples=self.examples, votes=self.votes)

    @classmethod
    def load(cls, folder: Path) -> DenseClassifier:
        """Read what `save` wrote."""
        with np.load(folder / "dense.npz") as arrays:
            return cls(arrays["examples"], arrays["votes"])


def _kernel(a: Vectors, b: Vectors) -> Vectors:
    """The Gaussian kernel of unit vectors, from their dot products."""
    out: Vectors = a @ b.T
    out -= 1
    out *= _SHARPNESS
    return np.exp(out, out=out)


def _matrix(rows: Rows, width: int) -> Any:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
    return csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([columns for columns, _ in rows]), starts),
        shape=(len(rows), width),
    )

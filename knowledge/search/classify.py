"""Two classifiers with one score for each duty: over the sparse features of a text, and over its vector."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.search.wording import features
from nlu.sparse import Vocabulary, matrix
from nlu.vectors import Vectors

Scores = NDArray[np.float32]

_SEED = 20
_SHARPNESS, _RIDGE = 2.0, 0.1


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

        cut = [list(features(text)) for text in texts]
        vocabulary = Vocabulary.of(cut)
        rows = matrix([vocabulary.row(each) for each in cut], len(vocabulary.column))
        model = LinearSVC(C=0.3, random_state=_SEED).fit(rows, duties)
        table = np.zeros((len(vocabulary.column), n), dtype=np.float16)
        bias = np.full(n, -1.0, dtype=np.float32)
        table[:, model.classes_] = model.coef_.T
        bias[model.classes_] = model.intercept_
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

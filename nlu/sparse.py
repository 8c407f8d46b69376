"""Sparse features of a text as tf-idf rows, with numpy alone: what linear models over words and characters read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Columns and values of one text."""


@dataclass(frozen=True)
class Vocabulary:
    """The features that stand in enough texts, with their inverse document frequency."""

    column: dict[str, int]
    weight: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]], least: int = 2) -> Vocabulary:
        """The vocabulary of texts given as their features; a feature must stand in `least` of them."""
        found: Counter[str] = Counter()
        count = 0
        for features in texts:
            found.update(set(features))
            count += 1
        kept = [feature for feature, seen in found.items() if seen >= least]
        weight = [np.log((1 + count) / (1 + found[feature])) + 1 for feature in kept]
        return cls({feature: at for at, feature in enumerate(kept)}, np.array(weight, dtype=np.float32))

    def row(self, features: Iterable[str]) -> Row:
        """One text's row: log counts times inverse document frequency, unit length."""
        counts = Counter(at for at in map(self.column.get, features) if at is not None)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        values = values * self.weight[columns]
        return columns, (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)


def matrix(rows: Sequence[Row], width: int) -> Any:
    """Rows as one sparse matrix, for learning; using what was learned needs no scipy."""
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
    return csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([columns for columns, _ in rows]), starts),
        shape=(len(rows), width),
    )

"""Nearest examples: by meaning (FAISS over vectors), by words and by sound (BM25)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.search.classify import Scores
from knowledge.search.wording import sound_pairs, words
from nlu.vectors import Vectors

Cut = Callable[[str], list[str]]

CUTS: dict[str, Cut] = {"words": words, "sound": sound_pairs}
"""The ways in which a text is cut for BM25."""

_NEIGHBOURS = 64
_K1, _B = 1.2, 0.5


class NearestByMeaning:
    """The likeness of a vector to the examples of each duty: the nearest one, and the mean of the nearest three."""

    def __init__(self, index: faiss.Index, owner: NDArray[np.int64], duties: int) -> None:
        self._index, self._owner, self.duties = index, owner, duties

    @classmethod
    def of(cls, vectors: Vectors, owner: NDArray[np.int64], duties: int) -> NearestByMeaning:
        """An index over example vectors; `owner` is the duty of each."""
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        return cls(index, owner, duties)

    def scores(self, vectors: Vectors) -> tuple[Scores, Scores]:
        """(nearest, mean of three), each [texts, duties]; duties beyond the neighbours get the farthest likeness."""
        likeness, found = self._index.search(vectors, min(_NEIGHBOURS, self._index.ntotal))
        top = np.repeat(likeness[:, -1:], self.duties, axis=1)
        mean = top.copy()
        for row, (values, places) in enumerate(zip(likeness, found, strict=True)):
            near: dict[int, list[float]] = {}
            for value, duty in zip(values.tolist(), self._owner[places].tolist(), strict=True):
                near.setdefault(duty, []).append(value)
            floor = float(values[-1])
            for duty, own in near.items():
                top[row, duty] = own[0]
                mean[row, duty] = sum([*own, floor, floor][:3]) / 3
        return top, mean

    def save(self, folder: Path) -> None:
        """Write to `folder`."""
        faiss.write_index(self._index, str(folder / "nearest.faiss"))
        np.savez(folder / "nearest.npz", owner=self._owner, duties=np.array(self.duties))

    @classmethod
    def load(cls, folder: Path) -> NearestByMeaning:
        """Read what `save` wrote."""
        with np.load(folder / "nearest.npz") as arrays:
            return cls(faiss.read_index(str(folder / "nearest.faiss")), arrays["owner"], int(arrays["duties"]))


class NearestByTerms:
    """BM25 over examples cut into terms: for each duty the score of its best example, as a share of the possible.

    The weights are computed by bm25s when the index is made; a query only adds up the rows of its terms.
    """

    def __init__(self, column: dict[str, int], arrays: dict[str, NDArray[Any]]) -> None:
        self._column = column
        self._arrays = arrays

    @classmethod
    def of(cls, texts: Sequence[list[str]], owner: NDArray[np.int64], duties: int) -> NearestByTerms:
        """An index over cut texts. `owner` must not fall: examples of a duty stand together."""
        import bm25s

        index = bm25s.BM25(k1=_K1, b=_B)
        index.index([text or [""] for text in texts], show_progress=False)
        counts = Counter(term for text in texts for term in set(text))
        rarity = np.zeros(len(index.vocab_dict), dtype=np.float32)
        for term, at in index.vocab_dict.items():
            rarity[at] = np.log(1 + (len(texts) - counts[term] + 0.5) / (counts[term] + 0.5))
        return cls(
            dict(index.vocab_dict),
            {
                "data": index.scores["data"].astype(np.float32),
                "indices": index.scores["indices"].astype(np.int32),
                "indptr": index.scores["indptr"].astype(np.int64),
                "rarity": rarity,
                "starts": np.searchsorted(owner, np.arange(duties)),
                "texts": np.array(len(texts)),
            },
        )

    def scores(self, terms: list[str]) -> Scores:
        """[duties], each from 0 to about 1."""
        parts = self._arrays
        texts = int(parts["texts"])
        total = np.zeros(texts, dtype=np.float32)
        possible, unseen = 0.0, float(np.log(1 + 2 * texts))
        for term in dict.fromkeys(terms):
            at = self._column.get(term)
            if at is None:
                possible += unseen
                continue
            start, end = parts["indptr"][at], parts["indptr"][at + 1]
            total[parts["indices"][start:end]] += parts["data"][start:end]
            possible += float(parts["rarity"][at])
        best: Scores = np.maximum.reduceat(total, parts["starts"])
        return (best / (possible * (1 + _K1) + 1e-9)).astype(np.float32)

    def save(self, folder: Path, name: str) -> None:
        """Write to `folder` under `name`."""
        with (folder / f"{name}.npz").open("wb") as file:
            np.savez(file, **self._arrays)  # type: ignore[arg-type]
        (folder / f"{name}.json").write_text(json.dumps(self._column, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> NearestByTerms:
        """Read what `save` wrote."""
        column = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz") as arrays:
            return cls(column, {key: arrays[key] for key in arrays.files})

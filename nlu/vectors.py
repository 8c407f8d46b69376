"""What a sentence means, as a vector, and which reviewed sentences are nearest to it; numpy and tokenizers alone.

Rasa's components, the standby's intent model and the search share this, in two environments, so all judge alike. The encoder is
a sentence-transformers `StaticEmbedding`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class StaticVectors:
    """The mean of a text's pieces, made unit length; files are read at the first use. Pickled, it is its folder."""

    def __init__(self, folder: Path | str) -> None:
        """`folder` is a saved StaticEmbedding model: `modules.json`, `tokenizer.json`, `model.safetensors`."""
        self.folder = Path(folder)

    @classmethod
    def of(cls, tokenizer: Any, table: NDArray[Any]) -> StaticVectors:
        """A model in memory, as it is while it is trained."""
        self = cls("")
        self._tokenizer, self._table = tokenizer, table
        self._tokenizer.no_padding()
        return self

    @property
    def is_there(self) -> bool:
        """Whether the folder holds a StaticEmbedding model."""
        try:
            modules = json.loads((self.folder / "modules.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return any(str(module.get("type", "")).endswith("StaticEmbedding") for module in modules)

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder}

    @cached_property
    def _part(self) -> Path:
        """The subfolder of the embedding, as modules.json names it."""
        modules = json.loads((self.folder / "modules.json").read_text(encoding="utf-8"))
        return self.folder / str(next(m["path"] for m in modules if str(m["type"]).endswith("StaticEmbedding")))

    @cached_property
    def _table(self) -> NDArray[Any]:
        from safetensors.numpy import load_file

        table: NDArray[Any] = next(iter(load_file(self._part / "model.safetensors").values()))
        return table

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._part / "tokenizer.json"))
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def digest(self) -> str:
        """Differs when the encoder's files differ."""
        files = (self._part / "model.safetensors", self._part / "tokenizer.json")
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, float32, shape [n, d]; a text without a known piece becomes zeros."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, encoding in zip(out, self._cut(texts), strict=True):
            if encoding.ids:
                row[:] = self._table[encoding.ids].mean(axis=0, dtype=np.float32)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return np.asarray(out / np.maximum(lengths, 1e-12), dtype=np.float32)

    def _cut(self, texts: Sequence[str]) -> list[Any]:
        if len(texts) == 1:  # a batch of one would wake a pool of threads for nothing
            return [self._tokenizer.encode(texts[0], add_special_tokens=False)]
        return list(self._tokenizer.encode_batch(list(texts), add_special_tokens=False))


class Nearest:
    """How alike a text is to the reviewed sentences of each intent: the mean cosine of the nearest three."""

    COUNT = 3
    _AT_ONCE = 256

    def __init__(self, vectors: Vectors, intents: Sequence[str]) -> None:
        """One row of unit length and one intent for each reviewed sentence."""
        self._vectors = vectors
        self._rows = [np.flatnonzero(np.asarray(intents) == name) for name in sorted(set(intents))]

    def likeness(self, vectors: Vectors) -> Vectors:
        """One row for each vector, one column for each intent in alphabetical order, shape [n, intents]."""
        parts = [self._some(vectors[i : i + self._AT_ONCE]) for i in range(0, len(vectors), self._AT_ONCE)]
        return np.concatenate(parts)

    def _some(self, vectors: Vectors) -> Vectors:
        cosines = vectors @ self._vectors.T
        best = [np.sort(cosines[:, rows], axis=1)[:, -self.COUNT :].mean(axis=1) for rows in self._rows]
        return np.asarray(np.stack(best, axis=1), dtype=np.float32)


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Probabilities of each row's scores."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))

"""Reads a shipped sentence encoder (a sentence-transformers `StaticEmbedding`) with numpy and tokenizers alone.

Rasa's featurizer and the standby's intent model share it, in two environments, so both see the same vectors.
"""

from __future__ import annotations

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

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder}

    @cached_property
    def _part(self) -> Path:
        """The subfolder of the embedding, as modules.json names it."""
        modules = json.loads((self.folder / "modules.json").read_text(encoding="utf-8"))
        return self.folder / next(m["path"] for m in modules if str(m["type"]).endswith("StaticEmbedding"))

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

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, float32, shape [n, d]; a text without a known piece becomes zeros."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        pieces = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for row, encoding in zip(out, pieces, strict=True):
            if encoding.ids:
                row[:] = self._table[encoding.ids].astype(np.float32).mean(axis=0)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return np.asarray(out / np.maximum(lengths, 1e-12), dtype=np.float32)

"""Encoders: a sentence in, a vector of unit length out.

The shipped one is a sentence-transformers `StaticEmbedding`. `StaticEncoder` reads the same files with numpy and
tokenizers alone, so that a process which only searches never imports torch.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

SHIPPED = Path(__file__).with_name("model")
_STATIC = "StaticEmbedding"

log = logging.getLogger(__name__)


class EncoderMissing(Exception):
    """A model cannot be had: not in the project, not in the local cache, or its library is not installed."""


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    name: str
    """What the logs and the index cache call this encoder; differs when its weights differ."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, float32, shape [n, d]."""


class StaticEncoder:
    """A `StaticEmbedding` model read without torch: the mean of the pieces' vectors, made unit length."""

    def __init__(self, folder: Path) -> None:
        """Raises `EncoderMissing` when `folder` holds no StaticEmbedding model."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        part = _static_part(folder)
        if part is None:
            raise EncoderMissing(f"{folder} holds no StaticEmbedding model")
        weights = part / "model.safetensors"
        table = next(iter(load_file(weights).values()))
        self._table: NDArray[Any] = table
        self._tokenizer = Tokenizer.from_file(str(part / "tokenizer.json"))
        self._tokenizer.no_padding()
        self.name = f"static-{hashlib.sha256(weights.read_bytes()).hexdigest()[:12]}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text; a text without a known piece becomes zeros."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, encoding in zip(
            out, self._tokenizer.encode_batch(list(texts), add_special_tokens=False), strict=True
        ):
            if encoding.ids:
                row[:] = self._table[encoding.ids].astype(np.float32).mean(axis=0)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return out / np.maximum(lengths, 1e-12)


class SentenceTransformerEncoder:
    """Any sentence-transformers model by name or path. Importing torch takes seconds: only made when asked for."""

    def __init__(self, name_or_path: str, device: str | None = None) -> None:
        """Raises `EncoderMissing` when the model cannot be loaded."""
        try:
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(name_or_path, device=device)
        except (ImportError, OSError, ValueError) as error:
            raise EncoderMissing(f"{name_or_path}: {error}") from error
        self.name = f"sentence-transformers-{hashlib.sha256(name_or_path.encode()).hexdigest()[:12]}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text."""
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(name_or_path: str | Path | None = None, fallback: str | Path = SHIPPED) -> Encoder:
    """The encoder of that name or path, or the shipped one when none is named or it cannot be had (and says so)."""
    if not name_or_path:
        return StaticEncoder(Path(fallback))
    try:
        if _static_part(Path(name_or_path)) is not None:
            return StaticEncoder(Path(name_or_path))
        return SentenceTransformerEncoder(str(name_or_path))
    except EncoderMissing as error:
        log.warning("encoder %s cannot be had (%s); using the shipped one", name_or_path, error)
        return StaticEncoder(Path(fallback))


def _static_part(folder: Path) -> Path | None:
    """The folder with the table and the tokenizer, when `folder` is a StaticEmbedding model."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for module in modules:
        if str(module.get("type", "")).endswith(_STATIC):
            return folder / module["path"]
    return None

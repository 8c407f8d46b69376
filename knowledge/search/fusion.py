"""How the parts' evidence becomes one probability: a conditional logit, learned on examples that no part had seen.

P(duty | text) is the softmax of a weighted sum of the parts' scores; “none of them” is one more choice, whose own
score falls as the best evidence rises. One weight a part and register (written Chinese, written English, spoken), so that
what spoke for a duty can be read off: weight times score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float32]

PARTS = ("words", "characters", "sound", "nearest", "nearest_three", "sparse", "dense")
"""The columns of an evidence table, in order."""

_PENALTY = 1e-3


@dataclass(frozen=True)
class Fusion:
    """Weights of the parts, and of “none of them”: a constant, then one for each part's best score."""

    parts: Table
    nothing: Table

    @classmethod
    def read(cls, weights: Mapping[str, Sequence[float]]) -> Fusion:
        """The fusion that `written` wrote."""
        return cls(np.array(weights["parts"], dtype=np.float32), np.array(weights["nothing"], dtype=np.float32))

    def written(self) -> dict[str, list[float]]:
        """As JSON holds it."""
        return {
            "parts": [round(float(w), 4) for w in self.parts],
            "nothing": [round(float(w), 4) for w in self.nothing],
        }

    def logits(self, evidence: Table) -> Table:
        """[texts, duties + 1] from evidence [texts, duties, parts]; the last column is “none of them”."""
        duties = evidence @ self.parts
        best = evidence.max(axis=1)
        none = self.nothing[0] + best @ self.nothing[1:]
        out: Table = np.concatenate([duties, none[:, None]], axis=1)
        return out

    def probabilities(self, evidence: Table) -> Table:
        """The softmax of the logits."""
        logits = self.logits(evidence)
        raw = np.exp(logits - logits.max(axis=1, keepdims=True))
        out: Table = raw / raw.sum(axis=1, keepdims=True)
        return out


def learn(
    evidence: Table, right: NDArray[np.int64], weight: Table | None = None, start: Fusion | None = None
) -> Fusion:
    """The fusion that makes the right choices likeliest. `right` is a duty's position, or one past the last.

    With `start`, the weights are drawn towards it: for a register with few examples.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    n, duties, parts = evidence.shape
    weight = np.ones(n, dtype=np.float32) if weight is None else weight
    weight = weight / weight.sum()
    best = evidence.max(axis=1)
    rows = np.arange(n)
    centre = np.zeros(2 * parts + 1) if start is None else np.concatenate([start.parts, start.nothing])

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        fusion = Fusion(values[:parts].astype(np.float32), values[parts:].astype(np.float32))
        logits = fusion.logits(evidence)
        logits -= logits.max(axis=1, keepdims=True)
        raw = np.exp(logits)
        total = raw.sum(axis=1, keepdims=True)
        off = values - centre
        cost = float(-(weight * (logits[rows, right] - np.log(total[:, 0]))).sum() + _PENALTY * (off @ off))
        error = raw / total
        error[rows, right] -= 1
        error *= weight[:, None]
        slope = np.zeros_like(values)
        slope[:parts] = np.einsum("nd,ndp->p", error[:, :duties], evidence, optimize=True)
        slope[parts] = error[:, duties].sum()
        slope[parts + 1 :] = error[:, duties] @ best
        return cost, slope + 2 * _PENALTY * off

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x.astype(np.float32)
    return Fusion(found[:parts], found[parts:])

"""How the parts' evidence becomes one probability: a conditional logit, learned on examples that no part had seen.

P(duty | text) is the softmax of a weighted sum of the parts' scores; “none of them” is one more choice, whose own
score falls as the best evidence rises. One weight a part and register (written Chinese, written English, spoken), so that
what spoke for a duty can be read off: weight times score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float32]
Accepted = NDArray[np.bool_]
"""[texts, duties + 1]: which choices are right; the last one is “none of them”."""

PARTS = ("words", "sound", "nearest", "nearest_three", "sparse")
"""The columns of an evidence table, in order."""

_PENALTY = 1e-3
_SUREST = 30.0
"""Log odds beyond which nothing is surer."""


@dataclass(frozen=True)
class Fusion:
    """Weights of the parts, and of “none of them”: a constant, then one for each part's best score."""

    parts: Table
    nothing: Table
    belief: tuple[float, ...] = ()
    """How far the first choice can be believed: weights of the `signs`, whose sum is the log odds that it is right.
    Empty: its share of the softmax is believed as it is."""

    @classmethod
    def read(cls, weights: Mapping[str, Sequence[float]]) -> Fusion:
        """The fusion that `written` wrote."""
        return cls(
            np.array(weights["parts"], dtype=np.float32),
            np.array(weights["nothing"], dtype=np.float32),
            tuple(weights["belief"]),
        )

    def written(self) -> dict[str, list[float]]:
        """As JSON holds it."""
        return {
            name: [round(float(value), 4) for value in values]
            for name, values in (("parts", self.parts), ("nothing", self.nothing), ("belief", self.belief))
        }

    def logits(self, evidence: Table) -> Table:
        """[texts, duties + 1] from evidence [texts, duties, parts]; the last column is “none of them”."""
        duties = evidence @ self.parts
        best = evidence.max(axis=1)
        none = self.nothing[0] + best @ self.nothing[1:]
        out: Table = np.concatenate([duties, none[:, None]], axis=1)
        return out

    def probabilities(self, evidence: Table) -> Table:
        """The softmax of the logits, with the first duty's probability as far as it can be believed."""
        logits = self.logits(evidence)
        raw = np.exp(logits - logits.max(axis=1, keepdims=True))
        out: Table = raw / raw.sum(axis=1, keepdims=True)
        return self.believe(evidence, out)

    def believe(self, evidence: Table, likely: Table) -> Table:
        """Probabilities [texts, duties + 1] with the first duty's as far as it can be believed."""
        if not self.belief:
            return likely
        out = likely.copy()
        rows, first = np.arange(len(out)), out[:, :-1].argmax(axis=1)
        others = 1 - out[rows, first]
        second = np.partition(out[:, :-1], -2, axis=1)[:, -2] if out.shape[1] > 2 else 0 * others
        odds = np.clip(signs(evidence, out) @ np.array(self.belief, dtype=np.float32), -_SUREST, _SUREST)
        sure = 1 / (1 + np.exp(-odds))
        sure = np.maximum(sure, second / np.maximum(others + second, 1e-9))  # the first stays the first
        out *= ((1 - sure) / np.maximum(others, 1e-9))[:, None]
        out[rows, first] = sure
        return out


def signs(evidence: Table, likely: Table) -> Table:
    """[texts, 5], what tells whether the first choice is right.

    One; its log odds; the log odds of “none of them”; whether the classifier puts it first too; whether the nearest
    example is one of its own.
    """
    rows, first = np.arange(len(likely)), likely[:, :-1].argmax(axis=1)
    own = [evidence[:, :, PARTS.index(part)].argmax(axis=1) == first for part in ("sparse", "nearest")]
    return np.stack(
        [
            np.ones(len(likely)), _log_odds(likely[rows, first]), _log_odds(likely[:, -1]), own[0], own[1],
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip


def _log_odds(probability: Table) -> Table:
    clipped = np.clip(probability, 1e-4, 1 - 1e-4)
    out: Table = np.log(clipped / (1 - clipped))
    return out


def believed(fusion: Fusion, evidence: Table, likely: Table, accepted: Accepted, weight: Table) -> Fusion:
    """`fusion` with its belief learned from probabilities for texts that its weights had not seen."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    rows, first = np.arange(len(likely)), likely[:, :-1].argmax(axis=1)
    seen = signs(evidence, likely).astype(np.float64)
    sign = np.where(accepted[rows, first], 1.0, -1.0)
    weight = weight / weight.sum()
    neutral = np.array([0.0, 1.0, 0.0, 0.0, 0.0])

    def loss(values: NDArray[np.float64]) -> float:
        off = values - neutral
        return float((weight * np.logaddexp(0, -sign * (seen @ values))).sum() + _PENALTY * (off @ off))

    found = minimize(loss, neutral, method="L-BFGS-B").x
    return replace(fusion, belief=tuple(round(float(value), 4) for value in found))


def only(right: NDArray[np.int64], duties: int) -> Accepted:
    """One right choice for each text; a position one past the last duty is “none of them”."""
    out = np.zeros((len(right), duties + 1), dtype=bool)
    out[np.arange(len(right)), right] = True
    return out


def learn(
    evidence: Table,
    accepted: Accepted,
    weight: Table | None = None,
    start: Fusion | None = None,
    penalty: float = _PENALTY,
) -> Fusion:
    """The fusion that makes the accepted choices likeliest; with `start`, its weights are drawn towards that one's."""
    from scipy.optimize import minimize

    n, duties, parts = evidence.shape
    weight = np.ones(n, dtype=np.float32) if weight is None else weight
    weight = weight / weight.sum()
    best = evidence.max(axis=1)
    centre = np.zeros(2 * parts + 1) if start is None else np.concatenate([start.parts, start.nothing])

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = values.astype(np.float32)
        none = weights[parts] + best @ weights[parts + 1 :]
        logits = np.concatenate([evidence @ weights[:parts], none[:, None]], axis=1)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        right = chances * accepted
        share = np.maximum(right.sum(axis=1), 1e-12)
        off = values - centre
        cost = float(-(weight * np.log(share)).sum() + penalty * (off @ off))
        error = (chances - right / share[:, None]) * weight[:, None]
        slope = np.zeros_like(values)
        slope[:parts] = np.einsum("nd,ndp->p", error[:, :duties], evidence, optimize=True)
        slope[parts] = error[:, duties].sum()
        slope[parts + 1 :] = error[:, duties] @ best
        return cost, slope + 2 * penalty * off

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x.astype(np.float32)
    return Fusion(found[:parts], found[parts:])

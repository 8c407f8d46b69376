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

PARTS = ("words", "characters", "sound", "nearest", "nearest_three", "sparse", "dense")
"""The columns of an evidence table, in order."""

_PENALTY = 1e-3
_DOUBT = 1e-4
"""How strongly belief is held to “as it was said”: a few texts that are all right, or all wrong, tell little."""
_SUREST = 30.0
"""Log odds beyond which nothing is surer."""


@dataclass(frozen=True)
class Fusion:
    """Weights of the parts, and of “none of them”: a constant, then one for each part's best score."""

    parts: Table
    nothing: Table
    belief: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """How far the first choice's probability can be believed: its log odds become a + b times
    themselves + c times the log odds of “none of them”."""

    @classmethod
    def read(cls, weights: Mapping[str, Sequence[float]]) -> Fusion:
        """The fusion that `written` wrote."""
        return cls(
            np.array(weights["parts"], dtype=np.float32),
            np.array(weights["nothing"], dtype=np.float32),
            (weights["belief"][0], weights["belief"][1], weights["belief"][2]),
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
        if self.belief == (0.0, 1.0, 0.0):
            return out
        rows, first = np.arange(len(out)), out[:, :-1].argmax(axis=1)
        said = out[rows, first]
        none, (a, b, c) = out[:, -1].copy(), self.belief
        others = 1 - said
        second = np.partition(out[:, :-1], -2, axis=1)[:, -2] if out.shape[1] > 2 else 0 * said
        sure = 1 / (1 + np.exp(-np.clip(a + b * _log_odds(said) + c * _log_odds(none), -_SUREST, _SUREST)))
        sure = np.maximum(sure, second / np.maximum(others + second, 1e-9))  # the first stays the first
        out *= ((1 - sure) / np.maximum(others, 1e-9))[:, None]
        out[rows, first] = sure
        return out


def _log_odds(probability: Table) -> Table:
    clipped = np.clip(probability, 1e-4, 1 - 1e-4)
    out: Table = np.log(clipped / (1 - clipped))
    return out


def believed(fusion: Fusion, likely: Table, accepted: Accepted, weight: Table) -> Fusion:
    """`fusion` with its belief learned from probabilities for texts that its weights had not seen."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    rows, first = np.arange(len(likely)), likely[:, :-1].argmax(axis=1)
    odds = _log_odds(likely[rows, first]).astype(np.float64)
    none = _log_odds(likely[:, -1]).astype(np.float64)
    sign, unmoved = np.where(accepted[rows, first], 1.0, -1.0), np.array([0.0, 1.0, 0.0])

    def loss(values: NDArray[np.float64]) -> float:
        missed = (weight * np.logaddexp(0, -sign * (values[0] + values[1] * odds + values[2] * none))).sum()
        return float(missed + _DOUBT * ((values - unmoved) ** 2).sum())

    found = minimize(loss, unmoved, method="Nelder-Mead").x
    a, b, c = (round(float(value), 4) for value in found)
    return replace(fusion, belief=(a, b, c))


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
        fusion = Fusion(values[:parts].astype(np.float32), values[parts:].astype(np.float32))
        logits = fusion.logits(evidence)
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

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x.astype(np.float32)
    return Fusion(found[:parts], found[parts:])

"""Turn logits into probabilities that mean what they say. Decides; no I/O."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve from logit to P(correct), fitted on answers that the head never saw.

    slope, intercept  P = 1 / (1 + exp(-(slope * logit + intercept))); the slope is positive
    base_rate         share of correct code in the data of the fit, in (0, 1)
    n                 number of rows of the fit
    low, high         the lowest and the highest logit among them; what lies beyond counts as these
    shortest          tokens of the shortest code among them

    Form: Platt 1999, "Probabilistic outputs for support vector machines".
    """

    slope: float
    intercept: float
    base_rate: float
    n: int
    low: float = -math.inf
    high: float = math.inf
    shortest: int = 1

    def __post_init__(self) -> None:
        if not self.slope > 0:
            raise ValueError(f"calibration slope is {self.slope}: expected a positive number")
        if not 0 < self.base_rate < 1:
            raise ValueError(f"base rate is {self.base_rate}: expected a number between 0 and 1")

    def probability(self, logit: float) -> float:
        """P(correct) for a logit; no surer than any row of the fit was judged."""
        return sigmoid(self.slope * min(max(logit, self.low), self.high) + self.intercept)


def sigmoid(x: float) -> float:
    """The logistic function, without overflow for any finite `x`."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def fit(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    *,
    weights: NDArray[np.float64] | None = None,
    shortest: int = 1,
    steps: int = 50,
) -> Calibration:
    """The calibration that makes `labels` likeliest, by Newton's method on the two parameters.

    logits    (N,) scores of rows that were not used to fit the judge
    labels    (N,) 1 for correct, 0 for wrong; both must occur
    weights   (N,) how much each row counts, > 0; None for 1 each
    shortest  tokens of the shortest code among the rows

    Labels are smoothed as Platt proposes, so that separable data give a finite slope. Raises
    ValueError when the lengths differ, a class is missing, or a higher logit does not mean
    likelier correct.
    """
    if logits.shape != labels.shape or not 0 < labels.sum() < len(labels):
        raise ValueError("calibration needs as many logits as labels, with both classes among them")
    counts = np.ones(len(labels)) if weights is None else weights * (len(labels) / weights.sum())
    right = float(counts[labels == 1].sum())
    wrong = len(labels) - right
    target = np.where(labels == 1, (right + 1) / (right + 2), 1 / (wrong + 2))  # (N,)
    spread = float(logits.std()) or 1.0
    x = np.stack([logits / spread, np.ones(len(logits))], axis=1)  # (N, 2)
    theta = np.array([0.0, math.log(right / wrong)])
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ theta, -30, 30)))  # (N,)
        gradient = x.T @ (counts * (p - target))
        hessian = (x * (counts * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        theta = theta - np.linalg.solve(hessian, gradient)
    if theta[0] <= 0:
        raise ValueError("higher logits do not go with correct code: nothing to calibrate")
    return Calibration(
        slope=float(theta[0]) / spread,
        intercept=float(theta[1]),
        base_rate=right / len(labels),
        n=len(labels),
        low=float(logits.min()),
        high=float(logits.max()),
        shortest=shortest,
    )

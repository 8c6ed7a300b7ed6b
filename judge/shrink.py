"""Decide how one repository's labels bend the judge's probabilities, never far. No I/O.

A repository's code differs from the rows that the judge was calibrated on. Its own labels are
few and some are wrong, so what they say is shrunk toward the global calibration: the fewer
labels, the closer to it. Standard library only, since pages use it too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# How far a repository may differ before its labels say so: standard deviations of the prior.
SLOPE_SD = 0.35
INTERCEPT_SD = 1.0
# People err. Without this share, a few wrong labels on clear code would count for most.
WRONG_SHARE = 0.1
STEPS = 25
LOWEST_SLOPE = 0.25
EDGE = 1e-9  # probabilities are kept this far from 0 and 1


@dataclass(frozen=True, slots=True)
class Weighted:
    """One label of one snippet.

    p       P(correct) by the global calibration, in [0, 1]
    label   1 for correct, 0 for wrong
    weight  how much it counts, >= 0; 1 is a person who said it in words
    """

    p: float
    label: int
    weight: float


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A logistic curve from the global logit of P(correct) to this repository's.

    slope      > 0, so that the order of snippets stays; 1 changes nothing
    intercept  0 changes nothing; above it, code here is likelier right than it looks
    weight     sum of the weights that it was fitted on
    """

    slope: float
    intercept: float
    weight: float

    def probability(self, p: float) -> float:
        """P(correct) in this repository for a global P(correct)."""
        return _sigmoid(self.slope * _logit(p) + self.intercept)


NOTHING = Adjustment(1.0, 0.0, 0.0)


def fit(labels: Sequence[Weighted], *, wrong_share: float = WRONG_SHARE) -> Adjustment:
    """The likeliest curve for `labels` under a normal prior around "changes nothing".

    wrong_share  share of labels taken to be wrong, in [0, 0.5)

    Fisher scoring on two parameters; no labels give exactly `NOTHING`. Any labels give a finite
    curve, since the prior is proper. Raises ValueError for a share outside its range.
    """
    if not 0 <= wrong_share < 0.5:
        raise ValueError(f"share of wrong labels is {wrong_share}: expected 0 or more, below 0.5")
    slope, intercept = 1.0, 0.0
    for _ in range(STEPS):
        step = _step(labels, slope, intercept, wrong_share)
        slope = max(slope + step[0], LOWEST_SLOPE)
        intercept += step[1]
        if max(map(abs, step)) < 1e-7:
            break
    return Adjustment(slope, intercept, sum(one.weight for one in labels))


def _step(
    labels: Sequence[Weighted], slope: float, intercept: float, wrong_share: float
) -> tuple[float, float]:
    """Inverse of the information matrix times the gradient of the log posterior."""
    kept = 1 - 2 * wrong_share
    a, b, d = SLOPE_SD**-2, 0.0, INTERCEPT_SD**-2  # information, which is symmetric
    g, h = (1 - slope) * a, -intercept * d  # gradient
    for one in labels:
        z = _logit(one.p)
        p = _sigmoid(slope * z + intercept)
        said = wrong_share + kept * p  # P(the label is 1)
        turn = kept * p * (1 - p)  # its derivative by the logit
        spread = max(said * (1 - said), EDGE)
        pull = one.weight * (one.label - said) * turn / spread
        mass = one.weight * turn * turn / spread
        g, h = g + pull * z, h + pull
        a, b, d = a + mass * z * z, b + mass * z, d + mass
    determinant = a * d - b * b
    return (d * g - b * h) / determinant, (a * h - b * g) / determinant


def _logit(p: float) -> float:
    inside = min(max(p, EDGE), 1 - EDGE)
    return math.log(inside / (1 - inside))


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)

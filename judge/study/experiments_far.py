"""How far rows lie from those that a judge learnt from, and what leaving them out brings. Decides.

The distance is Mahalanobis' on the mean states of the model: along the directions in which the
training rows vary most each in its own measure, and in all others together. A row is far where it
lies beyond all but one in twenty of training rows of tasks that the measure was not taken from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from judge.evaluate.folds import folds
from judge.evaluate.intervals import Figure
from judge.head import F64
from judge.study.experiments_fit import DOMAINS
from judge.study.experiments_inputs import Inputs, figures_of
from judge.train.features import Features
from judge.train.head import regression

DIRECTIONS = 64
BEYOND = 0.95  # of training rows of other tasks
FOLDS = 5
LEAST_ROWS = 20  # of which a figure is told
Figures = Mapping[str, Figure]
Cell = tuple[str, Callable[[], Figures]]
States = NDArray[np.floating]


@dataclass(frozen=True)
class Measure:
    """The distance of inputs (N, F) from the rows that it was taken from.

    center, scale  (F,) of these rows
    directions     (K, F) in which they vary most, `spread` (K,) their variance there
    rest           their mean squared length in all other directions
    """

    center: F64
    scale: F64
    directions: F64
    spread: F64
    rest: float

    def distance(self, inputs: States) -> F64:
        """(N,) of inputs (N, F): about K + 1 for rows like those that it was taken from."""
        standard = (inputs - self.center) / self.scale
        along = standard @ self.directions.T
        left = np.maximum(0.0, (standard**2).sum(1) - (along**2).sum(1))
        return np.asarray((along**2 / self.spread).sum(1) + left / self.rest, dtype=np.float64)


def measure_of(inputs: States, *, directions: int = DIRECTIONS) -> Measure:
    """The measure of rows (N, F)."""
    center, scale = inputs.mean(0).astype(np.float64), inputs.std(0).astype(np.float64)
    scale[scale == 0] = 1.0
    standard = (inputs - center) / scale
    _, lengths, found = np.linalg.svd(standard, full_matrices=False)
    kept = min(directions, len(lengths) - 1)
    variance = np.maximum(lengths**2 / len(inputs), 1e-9)
    return Measure(center, scale, found[:kept], variance[:kept], float(variance[kept:].sum()))


def threshold_of(inputs: States, tasks: Sequence[str], *, directions: int = DIRECTIONS) -> float:
    """The distance that one in twenty rows of tasks is beyond which the measure has not seen."""
    seen = np.zeros(len(inputs))
    for fit, asked in folds(tasks, FOLDS):
        seen[asked] = measure_of(inputs[fit], directions=directions).distance(inputs[asked])
    return float(np.quantile(seen, BEYOND))


def far(inputs: Inputs) -> Iterator[Cell]:
    """Each domain as what was learnt from, and each as what is asked about."""
    learnt = {row.label_from for rows in inputs.train for row in rows}
    asked = {row.label_from for row in inputs.known}
    for one in (name for name in DOMAINS if name in learnt):
        for other in (name for name in DOMAINS if name in asked):
            named = f"{DOMAINS[one]} → {DOMAINS[other]}"
            yield named, partial(_figures, inputs, one, other)


FAR: Mapping[str, tuple[str, str, Callable[[Inputs], Iterator[Cell]]]] = {
    "far": (
        "Inputs far from the training rows",
        "The head's first regression, fitted on the left and asked about the right. Far is a row "
        "beyond all but one in twenty of the training rows of tasks not seen, by Mahalanobis' "
        "distance of the states; a judge that abstained there would keep the rest.",
        far,
    ),
}


def _figures(inputs: Inputs, learnt: str, asked: str) -> Figures:
    features = inputs.features(inputs.groups_of([learnt]))
    places = [at for at, row in enumerate(inputs.known) if row.label_from == asked]
    states = inputs.states[np.array(places, dtype=np.int64)]
    beyond = measure_of(features.inputs).distance(states) > threshold_of(
        features.inputs, features.tasks
    )
    scores = _scores(inputs, features, states)
    return {
        "far": Figure(float(beyond.mean()), None, None, len(places), "rows"),
        "auc": _auc(inputs, places, scores, np.ones(len(places), dtype=np.bool_)),
        "auc_near": _auc(inputs, places, scores, ~beyond),
        "auc_far": _auc(inputs, places, scores, beyond),
    }


def _scores(inputs: Inputs, features: Features, states: States) -> F64:
    fitted = regression(features.inputs, features.labels, inputs.recipe.states_strength)
    return np.asarray(fitted.logits(states), dtype=np.float64)


def _auc(inputs: Inputs, places: Sequence[int], scores: F64, chosen: NDArray[np.bool_]) -> Figure:
    rows = [inputs.known[at] for at, taken in zip(places, chosen, strict=True) if taken]
    if len(rows) < LEAST_ROWS or len({row.label for row in rows}) < 2:
        return Figure(None, None, None, len(rows), "rows", f"{len(rows)} rows are too few")
    return figures_of(rows, scores[chosen], names=("auc",), resamples=inputs.resamples)["auc"]

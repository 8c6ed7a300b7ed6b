"""Fit and calibrate a head on readings. Decides; no I/O.

The calibration comes from rows whose task the head that judged them never saw: the first regression
is fitted on other tasks, and of the second each fold of tasks is judged by one fitted on the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from judge.evaluate.folds import folds
from judge.head import F64, Head, Linear, signal_inputs, state_inputs
from judge.model import Reading

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be chosen about a head.

    layers             whose states it reads, 1 is the first
    states_strength    inverse of the L2 penalty on the states' weights
    signals_strength   the same for the second regression
    log_probs          whether the second regression weighs the mean log-probability too
    folds              folds of tasks, >= 2
    """

    layers: tuple[int, ...] = (16, 20)
    states_strength: float = 2e-4
    signals_strength: float = 1.0
    log_probs: bool = False
    folds: int = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings with what is known of them, all of length N.

    labels   1 for correct, 0 for wrong
    tasks    what rows of one task share, in every language
    writers  who wrote each, as `DataRow.generator` says
    """

    readings: Sequence[Reading]
    labels: I64
    tasks: Sequence[str]
    writers: Sequence[str]

    def __len__(self) -> int:
        return len(self.readings)

    def take(self, indices: I64) -> Rows:
        """The rows at `indices`."""
        return Rows(
            [self.readings[int(i)] for i in indices],
            self.labels[indices],
            [self.tasks[int(i)] for i in indices],
            [self.writers[int(i)] for i in indices],
        )


def fit(first: Linear, held_out: Rows, recipe: Recipe) -> Head:
    """The head whose first regression is `first`, and its second fitted on `held_out`.

    So the second weighs the first, and the tuned layers that learnt from the same rows, as good as
    they are on tasks that they never saw. Raises ValueError where a class is missing.
    """
    return Head(recipe.layers, first, _second(first, held_out, recipe))


def held_out_logits(head: Head, held_out: Rows, recipe: Recipe) -> F64:
    """(N,) logits of `held_out`, its second regression fitted on the other folds of tasks."""
    logits = np.zeros(len(held_out))
    for train, test in folds(held_out.tasks, recipe.folds):
        part = replace(head, signals=_second(head.states, held_out.take(train), recipe))
        for index in test.tolist():
            logits[index] = part.logit(held_out.readings[index])
    return logits


def _second(first: Linear, rows: Rows, recipe: Recipe) -> Linear:
    states = np.array([state_inputs(reading) for reading in rows.readings])
    signals = _signals(rows, first.logits(states))[:, : 1 + recipe.log_probs]
    fair = fair_weights(rows.writers, rows.labels)
    return regression(signals, rows.labels, recipe.signals_strength, fair)


def _signals(rows: Rows, state_logits: F64) -> F64:
    """(N, len(SIGNALS))"""
    pairs = zip(rows.readings, state_logits.tolist(), strict=True)
    return np.array([signal_inputs(reading, logit) for reading, logit in pairs])


def even_weights(writers: Sequence[str], *, most: float = 4.0) -> F64:
    """(N,) weights under which every writer counts alike, with a mean of about 1.

    most  no row counts for more than this many
    """
    counts = Counter(writers)
    even = len(writers) / max(1, len(counts))
    return np.array([min(most, even / counts[writer]) for writer in writers])


def fair_weights(writers: Sequence[str], labels: I64, *, most: float = 4.0) -> F64:
    """(N,) weights under which each writer is as often right as wrong, with a mean of about 1.

    So who wrote the code says nothing of whether it is right, and is not learnt in its place.

    most  no row counts for more than this many
    """
    by_writer = Counter(writers)
    of_kind = Counter(zip(writers, labels.tolist(), strict=True))
    kinds = zip(writers, labels.tolist(), strict=True)
    return np.array([min(most, by_writer[kind[0]] / (2 * of_kind[kind])) for kind in kinds])


def regression(
    inputs: NDArray[np.floating], labels: I64, strength: float, weights: F64 | None = None
) -> Linear:
    """Logistic regression of `labels` (N,) on standardised `inputs` (N, F).

    strength  inverse of the L2 penalty
    weights   (N,) how much each row counts; None for 1 each

    Raises ValueError where a class is missing.
    """
    from sklearn.linear_model import LogisticRegression

    center, scale = inputs.mean(0), inputs.std(0)
    scale[scale == 0] = 1.0
    if len(set(labels.tolist())) < 2:
        raise ValueError("a head needs right and wrong rows to be fitted on")
    model = LogisticRegression(C=strength, max_iter=1000)
    model.fit(((inputs - center) / scale).astype(np.float64), labels, sample_weight=weights)
    return Linear(
        center=center.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=model.coef_[0].astype(np.float32),
        bias=float(model.intercept_[0]),
    )

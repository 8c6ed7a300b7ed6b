"""Decide what is counted when tasks are weighted, for many sets of weights at once. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judge.evaluate.sample import F64, I64, Sample, TaskFacts


@dataclass(frozen=True)
class Weighted:
    """A sample whose tasks count `weights` (R, T) times, in R versions of it."""

    sample: Sample
    facts: TaskFacts
    weights: F64

    @cached_property
    def rows(self) -> F64:
        """(R, N) how often each row counts."""
        return self.weights[:, self.sample.tasks]

    @cached_property
    def right(self) -> F64:
        """(R,) right rows."""
        return self.weights @ self.facts.right

    @cached_property
    def wrong(self) -> F64:
        """(R,) wrong rows."""
        return self.weights @ self.facts.wrong

    @cached_property
    def by_score(self) -> tuple[F64, F64]:
        """(R, U) right and wrong rows at each of U distinct scores, the lowest first."""
        return by_score(self.rows, self.sample.labels, self.sample.order)

    @cached_property
    def curve(self) -> tuple[F64, F64]:
        """(R, U) precision and recall, for wrong code, of calling the lowest scores wrong."""
        right, wrong = self.by_score
        found, false = wrong.cumsum(axis=1), right.cumsum(axis=1)
        return ratio(found, found + false), ratio(found, self.wrong[:, None])

    def sums(self, per_row: F64) -> F64:
        """(R,) weighted sums of a number per row."""
        totals = np.bincount(self.sample.tasks, per_row, minlength=self.sample.task_count)
        return np.asarray(self.weights @ totals)

    def called(self, threshold: float) -> tuple[F64, F64]:
        """(R,) right and wrong rows that are called correct at `threshold`."""
        called = (self.sample.p >= threshold).astype(np.float64)
        right = self.sums(called * self.sample.labels)
        return right, self.sums(called) - right


def ratio(above: F64, below: F64) -> F64:
    """`above / below`, NaN where that is not defined."""
    above, below = np.broadcast_arrays(above, below)
    out: F64 = np.full(above.shape, np.nan)
    return np.divide(above, below, out=out, where=below > 0)


def by_score(rows: F64, labels: I64, order: I64) -> tuple[F64, F64]:
    """(R, U) right and wrong rows at each of U distinct scores, the lowest first."""
    sort = np.argsort(order, kind="stable")
    starts = np.flatnonzero(np.diff(order[sort], prepend=-1))
    sorted_rows = rows[:, sort]
    all_rows = np.add.reduceat(sorted_rows, starts, axis=1)
    right = np.add.reduceat(sorted_rows * labels[sort], starts, axis=1)
    return right, all_rows - right


def ordered_pairs(right: F64, wrong: F64) -> F64:
    """(R,) pairs of a right and a wrong row in the right order, ties count half."""
    below = wrong.cumsum(axis=1) - wrong / 2
    return np.asarray((right * below).sum(axis=1))

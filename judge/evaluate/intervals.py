"""Decide how sure a figure is: 95 % intervals from resampled tasks. No I/O.

Rows of one task are alike, so tasks are resampled and not rows. The resamples depend on the
number of tasks alone: two judges of the same rows are measured on the same resamples, and the
difference of their figures has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from judge.evaluate.metrics import METRICS, figures
from judge.evaluate.sample import F64, Sample, task_facts

RESAMPLES = 1000
SEED = 20260211
CELLS = 2_000_000  # rows times resamples that are held at once


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its interval.

    value     None where the metric is not defined for these rows
    low, high 2.5 and 97.5 % of the resamples; None where fewer than half of them define it,
              or there is one task only
    n, unit   what it was counted over
    reason    why `value` is None, or ""
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Every figure of one judge, and the (R,) resampled ones that differences are made of."""

    figures: dict[str, Figure]
    resampled: dict[str, F64]


def measure(
    sample: Sample,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    names: Sequence[str] = tuple(METRICS),
) -> Measured:
    """Each metric of `names` with its interval. The same sample and seed give the same."""
    facts = task_facts(sample)
    point = figures(sample, np.ones((1, sample.task_count)), facts, names=names)
    parts = [
        figures(sample, weights, facts, names=names)
        for weights in draws(sample.task_count, len(sample), resamples=resamples, seed=seed)
    ]
    resampled = {name: np.concatenate([part[name] for part in parts]) for name in names}
    found = {}
    for name in names:
        metric = METRICS[name]
        n, value = metric.count(sample, facts), float(point[name][0])
        if np.isnan(value):
            found[name] = Figure(None, None, None, n, metric.unit, metric.missing)
        else:
            low, high = interval(resampled[name], sample.task_count)
            found[name] = Figure(value, low, high, n, metric.unit)
    return Measured(found, resampled)


def difference(one: Measured, other: Measured, metric: str) -> Figure:
    """By how much `one` is above `other`, two judges of the same rows, on the same resamples."""
    a, b = one.figures[metric], other.figures[metric]
    if a.value is None or b.value is None:
        return Figure(None, None, None, a.n, a.unit, a.reason or b.reason)
    low, high = interval(one.resampled[metric] - other.resampled[metric], task_count=2)
    return Figure(a.value - b.value, low, high, a.n, a.unit)


def draws(task_count: int, row_count: int, *, resamples: int, seed: int) -> Iterator[F64]:
    """Counts of each task in each resample, (r, T) at a time, `resamples` in all."""
    random = np.random.default_rng(seed)
    step = max(1, CELLS // max(row_count, task_count))
    shares = np.full(task_count, 1 / task_count)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        yield random.multinomial(task_count, shares, size=size).astype(np.float64)


def interval(resampled: F64, task_count: int) -> tuple[float | None, float | None]:
    """95 % of the resampled figures (R,); nothing for one task, or where most are not defined."""
    defined = resampled[~np.isnan(resampled)]
    if task_count < 2 or 2 * len(defined) < len(resampled):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)

"""Decide which rows are judged by what was fitted on others: folds of whole tasks. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from judge.evaluate.sample import I64


def folds(tasks: Sequence[str], count: int) -> Iterator[tuple[I64, I64]]:
    """Indices of the rows to fit on and of those to judge, for each fold of tasks."""
    parts = fold_of(tasks, count)
    for fold in range(count):
        yield np.flatnonzero(parts != fold), np.flatnonzero(parts == fold)


def fold_of(tasks: Sequence[str], count: int) -> I64:
    """(N,) the fold of each row: tasks in a shuffled order with a fixed seed, dealt in turn.

    Raises ValueError where there are fewer tasks than folds.
    """
    names = sorted(set(tasks))
    if len(names) < count:
        raise ValueError(f"{len(names)} tasks cannot be cut into {count} folds: label more tasks")
    order = np.random.default_rng(0).permutation(len(names))
    dealt = {names[task]: place % count for place, task in enumerate(order)}
    return np.array([dealt[task] for task in tasks], dtype=np.int64)

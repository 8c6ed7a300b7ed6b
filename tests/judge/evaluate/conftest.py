"""Samples that the tests of evaluation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from judge.evaluate.sample import Sample, Told, sample

Make = Callable[..., Sample]


@pytest.fixture(scope="session")
def make() -> Make:
    """A sample of labels and probabilities; each row is a task of its own unless told."""

    def make(
        labels: Sequence[int],
        p: Sequence[float],
        *,
        tasks: Sequence[object] | None = None,
        writers: Sequence[object] | None = None,
        abstained: Sequence[bool] | None = None,
        **thresholds: float,
    ) -> Sample:
        n = len(labels)
        said = np.array(p, dtype=np.float64)
        told = Told.of_verdicts(said, said, np.array(abstained or [False] * n))
        return sample(
            told,
            np.array(labels, dtype=np.int64),
            tasks=tasks or [None] * n,
            writers=writers or [""] * n,
            **thresholds,
        )

    return make


@pytest.fixture(scope="session")
def random(make: Make) -> Sample:
    """80 rows of 16 tasks with many tied probabilities."""
    draw = np.random.default_rng(7)
    labels = draw.integers(0, 2, 80)
    p = np.clip(np.round(0.3 + 0.3 * labels + draw.normal(0, 0.25, 80), 1), 0, 1)
    return make(labels.tolist(), p.tolist(), tasks=[index // 5 for index in range(80)])

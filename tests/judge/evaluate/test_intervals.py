from __future__ import annotations

from collections.abc import Callable

import numpy as np

from judge.evaluate.intervals import difference, draws, measure
from judge.evaluate.sample import Sample

Make = Callable[..., Sample]


def test_the_same_rows_have_the_same_intervals(random: Sample) -> None:
    assert measure(random, resamples=200).figures == measure(random, resamples=200).figures


def test_another_seed_gives_another_interval_of_the_same_figure(random: Sample) -> None:
    one, other = (measure(random, resamples=200, seed=s).figures["auc"] for s in (1, 2))
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)


def test_an_interval_holds_its_figure(random: Sample) -> None:
    found = measure(random, resamples=400).figures
    for name in ("accuracy", "auc", "auc_within_task", "kappa", "mrr", "brier"):
        one = found[name]
        assert one.low < one.value < one.high, name


def test_one_task_has_figures_but_no_intervals(make: Make) -> None:
    found = measure(make([1, 0], [0.9, 0.1], tasks=["t", "t"]), resamples=50).figures["auc"]
    assert (found.value, found.low, found.high) == (1, None, None)


def test_resamples_draw_as_many_tasks_as_there_are() -> None:
    counts = np.concatenate(list(draws(6, 10_000_000, resamples=7, seed=0)))
    assert counts.shape == (7, 6)
    assert (counts.sum(axis=1) == 6).all()


def test_the_resamples_are_the_same_however_many_are_held_at_once() -> None:
    one = np.concatenate(list(draws(6, 10_000_000, resamples=7, seed=0)))
    assert np.array_equal(one, next(draws(6, 10, resamples=7, seed=0)))


def test_a_judge_is_above_itself_by_nothing_for_sure(random: Sample) -> None:
    measured = measure(random, resamples=100)
    found = difference(measured, measured, "auc")
    assert (found.value, found.low, found.high) == (0, 0, 0)

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, permutations

import numpy as np
import pytest
from sklearn import metrics as reference

from judge.evaluate.intervals import measure
from judge.evaluate.metrics import METRICS, expected_calibration_error, figures
from judge.evaluate.sample import Sample

Make = Callable[..., Sample]


def of(sample: Sample) -> dict[str, float]:
    found = figures(sample, np.ones((1, sample.task_count)))
    return {name: float(value[0]) for name, value in found.items()}


REFERENCES = {
    "auc": lambda y, p: reference.roc_auc_score(y, p),
    "average_precision": lambda y, p: reference.average_precision_score(y, p),
    "average_precision_wrong": lambda y, p: reference.average_precision_score(1 - y, -p),
    "brier": lambda y, p: reference.brier_score_loss(y, p),
    "accuracy": lambda y, p: reference.accuracy_score(y, p >= 0.5),
    "balanced_accuracy": lambda y, p: reference.balanced_accuracy_score(y, p >= 0.5),
    "kappa": lambda y, p: reference.cohen_kappa_score(y, (p >= 0.5).astype(int)),
    "finding_precision": lambda y, p: reference.precision_score(1 - y, p < 0.5),
    "finding_recall": lambda y, p: reference.recall_score(1 - y, p < 0.5),
}


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_a_metric_is_what_scikit_learn_says(name: str, random: Sample) -> None:
    assert of(random)[name] == pytest.approx(REFERENCES[name](random.labels, random.p))


@pytest.mark.parametrize("name", ["auc", "average_precision", "brier", "kappa"])
def test_a_task_that_counts_twice_is_a_task_that_is_there_twice(name: str, random: Sample) -> None:
    weights = np.random.default_rng(3).integers(0, 4, random.task_count)
    rows = np.repeat(np.arange(len(random)), weights[random.tasks])
    expected = REFERENCES[name](random.labels[rows], random.p[rows])
    found = figures(random, weights[None].astype(np.float64))[name][0]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("percent", [10, 50, 80])
def test_precision_at_a_recall_is_the_best_on_the_curve(percent: int, random: Sample) -> None:
    precision, recall, _ = reference.precision_recall_curve(1 - random.labels, -random.p)
    expected = precision[:-1][recall[:-1] >= percent / 100].max()
    assert of(random)[f"precision_at_recall_{percent}"] == pytest.approx(expected)


@pytest.mark.parametrize("percent", [75, 90])
def test_recall_at_a_precision_is_the_best_on_the_curve(percent: int, random: Sample) -> None:
    precision, recall, _ = reference.precision_recall_curve(1 - random.labels, -random.p)
    expected = recall[precision >= percent / 100].max()
    assert of(random)[f"recall_at_precision_{percent}"] == pytest.approx(expected)


def test_calibration_error_is_the_gap_of_each_bin_weighted_by_its_rows(make: Make) -> None:
    # bins of 1/15: two rows at 0.95 (one right, gap 0.45), one at 0.5 (right), one at 0.1
    labels, p = [1, 0, 1, 0], [0.95, 0.95, 0.5, 0.1]
    by_hand = (2 * 0.45 + 0.5 + 0.1) / 4
    assert expected_calibration_error(np.array(p), np.array(labels)) == pytest.approx(by_hand)
    assert of(make(labels, p))["ece"] == pytest.approx(by_hand)


def test_calibration_error_needs_as_many_labels_as_probabilities() -> None:
    with pytest.raises(ValueError, match="2 probabilities for 1 labels"):
        expected_calibration_error(np.array([0.1, 0.2]), np.array([1]))


def test_within_task_only_rows_of_one_task_are_compared(make: Make) -> None:
    # a: its right row is above one of two wrong ones (1/2); b: a tie (1/2 of 1); c: no wrong row
    labels = [1, 0, 0, 1, 0, 1]
    sample = make(labels, [0.5, 0.9, 0.1, 0.3, 0.3, 0.0], tasks=["a", "a", "a", "b", "b", "c"])
    assert of(sample)["auc_within_task"] == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert of(sample)["auc_within_task_pairs"] == pytest.approx((1 + 0.5) / 3)
    assert measure(sample, resamples=2).figures["auc_within_task"].n == 2


def test_within_writer_unknown_writers_are_left_out(make: Make) -> None:
    sample = make([1, 0, 1, 0], [0.9, 0.1, 0.2, 0.8], writers=["x", "x", None, None])
    assert of(sample)["auc_within_writer"] == 1
    assert of(sample)["auc"] == pytest.approx(3 / 4)


CASES = [
    ([1, 0, 0], [0.5, 0.5, 0.5]),
    ([0, 1, 1, 0], [0.9, 0.5, 0.5, 0.5]),
    ([0, 0, 1, 1, 0], [0.9, 0.9, 0.4, 0.4, 0.4]),
    ([0, 0], [0.2, 0.1]),
]


@pytest.mark.parametrize(("labels", "p"), CASES)
def test_ties_in_the_ranking_count_as_the_mean_over_all_orders(
    labels: Sequence[int], p: Sequence[float], make: Make
) -> None:
    orders = [
        [labels[row] for row in order]
        for order in permutations(range(len(p)))
        if all(p[a] >= p[b] for a, b in pairwise(order))
    ]
    found = of(make(labels, p, tasks=["t"] * len(p)))
    assert found["top1"] == pytest.approx(np.mean([order[0] for order in orders]))
    firsts = [1 / (order.index(1) + 1) if 1 in order else 0 for order in orders]
    assert found["mrr"] == pytest.approx(np.mean(firsts))


def test_rows_that_were_not_judged_are_ranked_last(make: Make) -> None:
    sample = make([0, 1], [0.9, 0.1], tasks=["t", "t"], abstained=[True, False])
    assert of(sample)["top1"] == 1


def test_the_gap_is_closed_from_a_random_choice_to_a_perfect_one(make: Make) -> None:
    tasks = ["a", "a", "b", "b", "c", "c"]
    perfect = make([1, 0, 0, 1, 0, 0], [0.9, 0.1, 0.1, 0.9, 0.5, 0.4], tasks=tasks)
    tied = make([1, 0, 0, 1, 0, 0], [0.5] * 6, tasks=tasks)
    assert of(perfect)["gap_closed"] == pytest.approx(1)
    assert of(tied)["gap_closed"] == pytest.approx(0)
    assert of(tied)["top1_random"] == pytest.approx(1 / 3)
    assert of(tied)["top1_oracle"] == pytest.approx(2 / 3)


def test_precision_at_a_share_of_wrong_code_follows_from_the_rates(make: Make) -> None:
    # 2 of 4 wrong rows and 1 of 4 right ones are findings
    sample = make([0, 0, 0, 0, 1, 1, 1, 1], [0.1, 0.1, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9])
    by_hand = 0.1 * 0.5 / (0.1 * 0.5 + 0.9 * 0.25)
    assert of(sample)["finding_precision_at_share_10"] == pytest.approx(by_hand)


def test_what_is_not_defined_has_no_value_and_a_reason(make: Make) -> None:
    found = measure(make([1, 1, 1], [0.2, 0.5, 0.7]), resamples=20).figures
    undefined = {name for name, one in found.items() if one.value is None}
    assert undefined == set(METRICS) - {"accuracy", "ece", "brier"}
    assert all(found[name].reason and found[name].low is None for name in undefined)
    assert all(not found[name].reason for name in set(METRICS) - undefined)


def test_no_figure_is_nan_whatever_the_labels(make: Make) -> None:
    for labels in ([1], [0], [0, 0], [1, 0]):
        found = measure(make(labels, [0.5] * len(labels)), resamples=20).figures
        told = [
            x for one in found.values() for x in (one.value, one.low, one.high) if x is not None
        ]
        assert np.isfinite(told).all()

"""Decide what every figure of an evaluation means. No I/O.

Each metric is written once, over weights of tasks: a weight of one for every task gives the
figure itself, the counts of a bootstrap resample give that resample's figure, and many resamples
are computed at once. A metric that is not defined (one class only, say) is NaN in here and None
with a reason outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from judge.evaluate.sample import F64, I64, Sample, TaskFacts, task_facts
from judge.evaluate.weighted import Weighted, by_score, ordered_pairs, ratio

BINS = 15
BOTH = "right and wrong rows are needed, and all are of one class"
NO_TASK = "no task has both a right and a wrong row"
NO_RANKING = "no task has two rows or more"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: how it is computed, what it counts over, and when it does not exist.

    of       weighted rows -> (R,) figures, NaN where not defined
    count    sample and its tasks -> what `n` counts
    unit     name of what `n` counts
    missing  why it is not defined, where it is not
    title    a few words for people
    """

    title: str
    of: Callable[[Weighted], F64]
    missing: str = BOTH
    unit: str = "rows"
    count: Callable[[Sample, TaskFacts], int] = lambda sample, facts: len(sample)


def expected_calibration_error(p: F64, y: I64, bins: int = BINS) -> float:
    """Mean gap between stated and observed correctness, weighted by bin size.

    p     (N,) predicted probability of "correct", in [0, 1]
    y     (N,) ground truth, 1 for correct and 0 for wrong
    bins  equal-width bins over [0, 1]; empty bins add nothing

    Returns a probability difference in [0, 1]; 0 is perfect. Raises ValueError when p and y
    differ in length or are empty. Definition: Guo et al. 2017 (arXiv:1706.04599), binned form,
    taken for the class "correct".

    >>> round(expected_calibration_error(np.array([0.9, 0.9]), np.array([1, 0]), bins=10), 6)
    0.4
    """
    if len(p) != len(y) or not len(p):
        raise ValueError(f"{len(p)} probabilities for {len(y)} labels: expected as many, and some")
    return float(np.abs(np.bincount(bin_of(p, bins), p - y)).sum() / len(p))


def bin_of(p: F64, bins: int = BINS) -> I64:
    """(N,) the bin of each probability, of equal-width bins over [0, 1] closed on the left."""
    return np.minimum((p * bins).astype(np.int64), bins - 1)


def _both(of: Callable[[Weighted], F64], w: Weighted) -> F64:
    return np.where((w.right > 0) & (w.wrong > 0), of(w), np.nan)


def _accuracy(w: Weighted) -> F64:
    kept, missed = w.called(w.sample.threshold)
    return ratio(kept + w.wrong - missed, w.right + w.wrong)


def _balanced_accuracy(w: Weighted) -> F64:
    kept, missed = w.called(w.sample.threshold)
    return (ratio(kept, w.right) + ratio(w.wrong - missed, w.wrong)) / 2


def _kappa(w: Weighted) -> F64:
    kept, missed = w.called(w.sample.threshold)
    n, called = w.right + w.wrong, kept + missed
    agreed = ratio(kept + w.wrong - missed, n)
    by_chance = ratio(called * w.right + (n - called) * w.wrong, n * n)
    return ratio(agreed - by_chance, 1 - by_chance)


def _auc(w: Weighted) -> F64:
    return ratio(ordered_pairs(*w.by_score), w.right * w.wrong)


def _auc_within_task(w: Weighted) -> F64:
    mixed = (w.facts.pairs > 0).astype(np.float64)
    share = np.nan_to_num(ratio(w.facts.ordered, w.facts.pairs))
    return ratio(w.weights @ share, w.weights @ mixed)


def _auc_within_task_pairs(w: Weighted) -> F64:
    return ratio(w.weights @ w.facts.ordered, w.weights @ w.facts.pairs)


def _auc_within_writer(w: Weighted) -> F64:
    ordered, pairs = np.zeros(len(w.weights)), np.zeros(len(w.weights))
    for rows in _of_writers(w.sample):
        right, wrong = by_score(w.rows[:, rows], w.sample.labels[rows], w.sample.order[rows])
        ordered += ordered_pairs(right, wrong)
        pairs += right.sum(axis=1) * wrong.sum(axis=1)
    return ratio(ordered, pairs)


def _of_writers(sample: Sample) -> list[I64]:
    return [np.flatnonzero(sample.writers == one) for one in np.unique(sample.writers) if one >= 0]


def _average_precision(w: Weighted) -> F64:
    right, wrong = (counts[:, ::-1] for counts in w.by_score)  # the highest scores first
    return _steps(right, wrong)


def _average_precision_wrong(w: Weighted) -> F64:
    right, wrong = w.by_score
    return _steps(wrong, right)


def _steps(hit: F64, miss: F64) -> F64:
    """(R,) sum over thresholds of precision times the recall gained (no interpolation)."""
    found = hit.cumsum(axis=1)
    precision = np.nan_to_num(ratio(found, found + miss.cumsum(axis=1)))
    return ratio((hit * precision).sum(axis=1), found[:, -1])


def _precision_at_recall(recall: float, w: Weighted) -> F64:
    precision, recalled = w.curve
    reached = np.where(recalled >= recall - 1e-12, np.nan_to_num(precision), 0.0)
    return np.asarray(reached.max(axis=1))


def _recall_at_precision(precision: float, w: Weighted) -> F64:
    precise, recalled = w.curve
    good = np.nan_to_num(precise) >= precision - 1e-12
    return np.asarray(np.where(good, np.nan_to_num(recalled), 0.0).max(axis=1))


def _finding_precision(w: Weighted) -> F64:
    kept, missed = w.called(w.sample.comment_threshold)
    false, found = w.right - kept, w.wrong - missed
    return ratio(found, found + false)


def _finding_recall(w: Weighted) -> F64:
    _, missed = w.called(w.sample.comment_threshold)
    return ratio(w.wrong - missed, w.wrong)


def _finding_precision_at_share(share: float, w: Weighted) -> F64:
    kept, _ = w.called(w.sample.comment_threshold)
    found = share * _finding_recall(w)
    return ratio(found, found + (1 - share) * ratio(w.right - kept, w.right))


def _ranked(per_task: Callable[[TaskFacts], F64], w: Weighted) -> F64:
    is_ranking = w.facts.is_ranking.astype(np.float64)
    return ratio(w.weights @ (per_task(w.facts) * is_ranking), w.weights @ is_ranking)


def _random(facts: TaskFacts) -> F64:
    return facts.right / (facts.right + facts.wrong)


def _oracle(facts: TaskFacts) -> F64:
    return (facts.right > 0).astype(np.float64)


def _gap_closed(w: Weighted) -> F64:
    chance = _ranked(_random, w)
    gap = _ranked(_oracle, w) - chance
    return ratio(_ranked(lambda facts: facts.top, w) - chance, np.where(gap > 1e-12, gap, 0.0))


def _ece(w: Weighted) -> F64:
    bins, gap = bin_of(w.sample.p), w.sample.p - w.sample.labels
    gaps = [np.abs(w.sums(gap * (bins == one))) for one in range(BINS)]
    return ratio(np.sum(gaps, axis=0), w.right + w.wrong)


def _brier(w: Weighted) -> F64:
    return ratio(w.sums((w.sample.p - w.sample.labels) ** 2), w.right + w.wrong)


def _mixed_tasks(sample: Sample, facts: TaskFacts) -> int:
    return int((facts.pairs > 0).sum())


def _pairs(sample: Sample, facts: TaskFacts) -> int:
    return int(facts.pairs.sum())


def _ranking_tasks(sample: Sample, facts: TaskFacts) -> int:
    return int(facts.is_ranking.sum())


def _rows_of_mixed_writers(sample: Sample, facts: TaskFacts) -> int:
    return sum(len(one) for one in _of_writers(sample) if 0 < sample.labels[one].sum() < len(one))


def _on_tasks(title: str, of: Callable[[Weighted], F64], missing: str = NO_RANKING) -> Metric:
    return Metric(title, of, missing, "tasks", _ranking_tasks)


# Name in the report -> metric. docs/cli.md says in words what each one is.
METRICS: Mapping[str, Metric] = {
    "accuracy": Metric("accuracy", _accuracy, "there are no rows"),
    "balanced_accuracy": Metric("balanced accuracy", _balanced_accuracy),
    "kappa": Metric("Cohen's kappa", partial(_both, _kappa)),
    "auc": Metric("AUC", _auc),
    "auc_within_task": Metric(
        "AUC within task, mean over tasks", _auc_within_task, NO_TASK, "tasks", _mixed_tasks
    ),
    "auc_within_task_pairs": Metric(
        "AUC within task, over all pairs", _auc_within_task_pairs, NO_TASK, "pairs", _pairs
    ),
    "auc_within_writer": Metric(
        "AUC within writer",
        _auc_within_writer,
        "no known writer has both a right and a wrong row",
        "rows",
        _rows_of_mixed_writers,
    ),
    "average_precision": Metric(
        "average precision, right code", partial(_both, _average_precision)
    ),
    "average_precision_wrong": Metric(
        "average precision, wrong code", partial(_both, _average_precision_wrong)
    ),
    **{
        f"precision_at_recall_{percent}": Metric(
            f"precision at {percent} % recall, wrong code",
            partial(_both, partial(_precision_at_recall, percent / 100)),
        )
        for percent in (10, 50, 80)
    },
    **{
        f"recall_at_precision_{percent}": Metric(
            f"recall at {percent} % precision, wrong code",
            partial(_both, partial(_recall_at_precision, percent / 100)),
        )
        for percent in (75, 90)
    },
    "finding_precision": Metric(
        "precision of findings",
        partial(_both, _finding_precision),
        "there are no findings, or all rows are of one class",
    ),
    "finding_recall": Metric("recall of findings", partial(_both, _finding_recall)),
    **{
        f"finding_precision_at_share_{percent}": Metric(
            f"precision of findings, {percent} % wrong",
            partial(_both, partial(_finding_precision_at_share, percent / 100)),
            "there are no findings, or all rows are of one class",
        )
        for percent in (50, 20, 10)
    },
    "mrr": _on_tasks("MRR", partial(_ranked, lambda facts: facts.reciprocal)),
    "top1": _on_tasks("top-1", partial(_ranked, lambda facts: facts.top)),
    "top1_random": _on_tasks("top-1 at random", partial(_ranked, _random)),
    "top1_oracle": _on_tasks("top-1 of an oracle", partial(_ranked, _oracle)),
    "gap_closed": _on_tasks(
        "share of the gap closed",
        _gap_closed,
        "no task with two rows or more has both a right and a wrong one",
    ),
    "ece": Metric(f"ECE, {BINS} bins", _ece, "there are no rows"),
    "brier": Metric("Brier score", _brier, "there are no rows"),
}


def figures(
    sample: Sample,
    weights: F64,
    facts: TaskFacts | None = None,
    *,
    names: Sequence[str] = tuple(METRICS),
) -> dict[str, F64]:
    """Metric of `names` -> (R,) figures of `sample` when its tasks count `weights` (R, T) times."""
    weighted = Weighted(sample, facts or task_facts(sample), weights)
    return {name: METRICS[name].of(weighted) for name in names}

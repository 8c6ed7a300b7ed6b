"""Decide what a study measured: every figure of a system with its interval and cost. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.evaluate.baselines import NoBaseline, Texts, calibrated
from judge.evaluate.intervals import RESAMPLES, Figure, Measured, difference, measure
from judge.evaluate.sample import F64, Told, sample
from judge.study.answers import Answer
from judge.study.pool import SIZES, Candidate, Pool

NEED_P = ("accuracy", "kappa")  # at P(correct) = 0.5
OVERALL = (*NEED_P, "auc", "mrr", "top1")
LEAST_TASKS = 2  # of a size of the curve: one task has no interval


@dataclass(frozen=True, slots=True)
class Cost:
    """For a thousand candidates; None where it is not known.

    memory_mib  the most that Gavel's process had resident, whatever the number of candidates
    """

    seconds: float | None
    cpu_seconds: float | None
    tokens: float | None
    money: float | None
    memory_mib: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A system on a data set.

    own      its probabilities are its own, not a curve fitted to its scores on other tasks
    figures  name of OVERALL -> figure
    curve    candidates per task -> pass@1 after ranking
    """

    own: bool
    abstained: int
    figures: Mapping[str, Figure]
    curve: Mapping[int, Figure]
    cost: Cost


def result_of(pool: Pool, answers: Mapping[str, Answer], *, resamples: int = RESAMPLES) -> Result:
    """The figures of a system that answered about every candidate of `pool`."""
    rows = [one for task in pool for one in task]
    said = [answers[one.id] for one in rows]
    return Result(
        own=all(one.p is not None for one in said),
        abstained=sum(one.abstained for one in said),
        figures=_overall(rows, said, resamples),
        curve=_curve(pool, answers, resamples),
        cost=_cost(said),
    )


def differences(
    pool: Pool,
    one: Mapping[str, Answer],
    other: Mapping[str, Answer],
    *,
    resamples: int = RESAMPLES,
) -> dict[str, Figure]:
    """By how much `one` is above `other` in each figure of OVERALL that needs no probability."""
    rows = [candidate for task in pool for candidate in task]
    names = tuple(name for name in OVERALL if name not in NEED_P)
    both = [_told([said[row.id] for row in rows], 0.5) for said in (one, other)]
    first, second = (_measured_all(rows, told, names, resamples) for told in both)
    return {name: difference(first, second, name) for name in names}


def sizes_of(pool: Pool) -> list[int]:
    """The sizes of the curve for which the pool has tasks enough."""
    return [size for size in SIZES if sum(len(task) >= size for task in pool) >= LEAST_TASKS]


def _overall(
    rows: Sequence[Candidate], said: Sequence[Answer], resamples: int
) -> dict[str, Figure]:
    scores = np.array([one.score for one in said])
    names: Sequence[str] = OVERALL
    why = ""
    stated = [one.p for one in said if one.p is not None]
    if len(stated) == len(rows):
        p = np.array(stated)
    else:
        try:
            p = _fitted(rows, scores)
        except NoBaseline as error:
            p, why = np.full(len(rows), 0.5), str(error)
            names = tuple(name for name in OVERALL if name not in NEED_P)
    told = Told(p, scores, np.array([one.abstained for one in said], dtype=np.bool_))
    found = _measured(rows, told, names, resamples)
    missing = Figure(None, None, None, len(rows), "rows", why)
    return {name: found.get(name, missing) for name in OVERALL}


def _fitted(rows: Sequence[Candidate], scores: F64) -> F64:
    """(N,) probabilities by a logistic curve that is fitted on other tasks. Raises NoBaseline."""
    from judge.train.tasks import number_of

    texts = Texts(
        code=[""] * len(rows),
        diffs=[""] * len(rows),
        labels=np.array([one.label for one in rows], dtype=np.int64),
        tasks=[number_of(one.task_id) for one in rows],
    )
    return calibrated(scores, texts).p


def _curve(pool: Pool, answers: Mapping[str, Answer], resamples: int) -> dict[int, Figure]:
    return {
        size: _pass_at_1([task[:size] for task in pool if len(task) >= size], answers, resamples)
        for size in sizes_of(pool)
    }


def _pass_at_1(pool: Pool, answers: Mapping[str, Answer], resamples: int) -> Figure:
    """The share of tasks whose best-ranked candidate is right; ties are broken at random."""
    rows = [one for task in pool for one in task]
    size = len(pool[0])
    said = [answers[one.id] for one in rows]
    scores = np.array([one.among.get(size, one.score) for one in said])
    told = Told(
        np.ones(len(rows)), scores, np.array([one.abstained for one in said], dtype=np.bool_)
    )
    # of one candidate there is no ranking: taking it is right as often as candidates are
    name = "accuracy" if size == 1 else "top1"
    one = _measured(rows, told, (name,), resamples)[name]
    return Figure(one.value, one.low, one.high, len(pool), "tasks", one.reason)


def _told(said: Sequence[Answer], p: float) -> Told:
    """The order that `said` gives, with the same probability for all."""
    scores = np.array([one.score for one in said])
    abstained = np.array([one.abstained for one in said], dtype=np.bool_)
    return Told(np.full(len(said), p), scores, abstained)


def _measured(
    rows: Sequence[Candidate], told: Told, names: Sequence[str], resamples: int
) -> dict[str, Figure]:
    return _measured_all(rows, told, names, resamples).figures


def _measured_all(
    rows: Sequence[Candidate], told: Told, names: Sequence[str], resamples: int
) -> Measured:
    asked = sample(
        told,
        np.array([one.label for one in rows], dtype=np.int64),
        tasks=[(one.language, one.task_id) for one in rows],
        writers=[None] * len(rows),
    )
    return measure(asked, resamples=resamples, names=names)


def _cost(said: Sequence[Answer]) -> Cost:
    return Cost(
        seconds=_per_thousand([one.seconds for one in said]),
        cpu_seconds=_per_thousand([one.cpu_seconds for one in said]),
        tokens=_per_thousand([one.tokens for one in said]),
        money=_per_thousand([one.money for one in said]),
        memory_mib=_most([one.memory_mib for one in said]),
    )


def _most(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known and len(known) == len(values) else None


def _per_thousand(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return 1000 * sum(known) / len(known) if len(known) == len(values) else None

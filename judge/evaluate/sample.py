"""Decide what is known of every row and every task before anything is averaged. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """N labelled rows of T tasks, and what one judge says of them.

    labels             (N,) 1 for correct, 0 for wrong
    p                  (N,) P(correct), in [0, 1]
    order              (N,) place of the row's score among all distinct scores, 0 is the lowest
    merit              (N,) the same for the ranking in a task, where abstentions come last
    tasks              (N,) index of the row's task, in [0, T)
    writers            (N,) index of the row's writer, or -1 where it is not known
    task_count         T
    threshold          code with p >= threshold is called correct
    comment_threshold  code with p < comment_threshold is a finding
    """

    labels: I64
    p: F64
    order: I64
    merit: I64
    tasks: I64
    writers: I64
    task_count: int
    threshold: float = THRESHOLD
    comment_threshold: float = THRESHOLD

    def __len__(self) -> int:
        return len(self.labels)

    def of_tasks(self) -> Iterator[I64]:
        """The rows of each task, task by task."""
        sort = np.argsort(self.tasks, kind="stable")
        yield from np.split(sort, np.searchsorted(self.tasks[sort], np.arange(1, self.task_count)))

    def take(self, rows: I64) -> Sample:
        """The sample of some rows alone, with the tasks that they belong to."""
        names, tasks = np.unique(self.tasks[rows], return_inverse=True)
        return Sample(
            labels=self.labels[rows],
            p=self.p[rows],
            order=self.order[rows],
            merit=self.merit[rows],
            tasks=tasks,
            writers=self.writers[rows],
            task_count=len(names),
            threshold=self.threshold,
            comment_threshold=self.comment_threshold,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What a judge or a baseline says of N rows.

    p          (N,) P(correct), in [0, 1]
    score      (N,) any finite number; rows are ordered by it, higher is likelier correct
    abstained  (N,) true where the row could not be judged or must not be acted on
    """

    p: F64
    score: F64
    abstained: NDArray[np.bool_]

    @classmethod
    def of_verdicts(cls, p: F64, logits: F64, abstained: NDArray[np.bool_]) -> Told:
        """What verdicts say: ordered by probability, and by logit where that is equal."""
        _, order = np.unique(np.stack([p, logits], axis=1), axis=0, return_inverse=True)
        return cls(p, order.astype(np.float64), abstained)

    @classmethod
    def of_scores(cls, p: F64, score: F64) -> Told:
        """What a baseline says, which abstains from nothing."""
        return cls(p, score, np.zeros(len(p), dtype=np.bool_))


def sample(
    told: Told,
    labels: I64,
    *,
    tasks: Sequence[object],
    writers: Sequence[object],
    threshold: float = THRESHOLD,
    comment_threshold: float = THRESHOLD,
) -> Sample:
    """The sample for N rows. Raises ValueError where lengths differ or there are no rows.

    tasks    a row without a task (None) is a task of its own
    writers  None or "" where the writer is not known
    """
    if not len(labels) or {len(told.p), len(told.score), len(tasks), len(writers)} != {len(labels)}:
        raise ValueError("an evaluation needs rows, with one label, task and verdict each")
    _, order = np.unique(told.score, return_inverse=True)
    merit = order + (order.max() + 1) * ~told.abstained
    task_of = _numbered([index if task is None else repr(task) for index, task in enumerate(tasks)])
    writer_of = _numbered([writer or "" for writer in writers])
    return Sample(
        labels=labels,
        p=told.p,
        order=order.astype(np.int64),
        merit=merit.astype(np.int64),
        tasks=task_of,
        writers=np.where([bool(writer) for writer in writers], writer_of, -1),
        task_count=int(task_of.max()) + 1,
        threshold=threshold,
        comment_threshold=comment_threshold,
    )


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What holds of each of T tasks, whatever the others are.

    right, wrong  (T,) rows of either label
    ordered       (T,) pairs of a right and a wrong row in the right order, ties count half
    top           (T,) chance that the row on top is right, ties broken at random
    reciprocal    (T,) expected 1 / rank of the first right row, 0 where none is right
    """

    right: F64
    wrong: F64
    ordered: F64
    top: F64
    reciprocal: F64

    @property
    def pairs(self) -> F64:
        """(T,) pairs of a right and a wrong row of the task."""
        return self.right * self.wrong

    @property
    def is_ranking(self) -> NDArray[np.bool_]:
        """(T,) the task has two candidates or more, so that there is something to rank."""
        return self.right + self.wrong >= 2


def task_facts(sample: Sample) -> TaskFacts:
    """The facts of every task of `sample`."""
    facts = np.array(
        [
            _facts(sample.labels[rows], sample.order[rows], sample.merit[rows])
            for rows in sample.of_tasks()
        ],
        dtype=np.float64,
    )  # (T, 5)
    return TaskFacts(*facts.T)


def _facts(labels: I64, order: I64, merit: I64) -> tuple[float, float, float, float, float]:
    right, wrong = order[labels == 1], order[labels == 0]
    ordered = (right[:, None] > wrong).sum() + 0.5 * (right[:, None] == wrong).sum()
    best = labels[merit == merit.max()]
    return len(right), len(wrong), float(ordered), float(best.mean()), _reciprocal(labels, merit)


def _reciprocal(labels: I64, merit: I64) -> float:
    """Expected 1 / rank of the first right row when rows of equal merit are shuffled."""
    if not labels.any():
        return 0.0
    best = merit[labels == 1].max()
    above, tied = int((merit > best).sum()), labels[merit == best]
    left, right = len(tied), int(tied.sum())
    expected, not_yet = 0.0, 1.0  # chance that all places so far are wrong
    for place in range(1, left - right + 2):
        expected += not_yet * right / (left - place + 1) / (above + place)
        not_yet *= 1 - right / (left - place + 1)
    return expected


def _numbered(values: Sequence[object]) -> I64:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int64)

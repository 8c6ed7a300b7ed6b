"""Decide what a policy of verification would choose, and what it would cost. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from judge.rank import rank_rows
from judge.stages import PASSED, TESTS, survivors

BEST = (1, 2, 3, 5)  # candidates of a task that are tested


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of one candidate once everything was run.

    stage    the cheap filter that it fails, or ""
    shown    examples of its task; `passed`, those that it passes, None where none were run
    first    it passes the first of them
    passes   its tests, None where they were not run
    *_s      wall seconds of each stage for this candidate
    """

    id: str
    task: str
    code: str
    label: int
    p_correct: float
    logit: float
    stage: str
    shown: int
    passed: int | None
    first: bool
    passes: bool | None
    filters_s: float
    examples_s: float
    tests_s: float
    judge_s: float


@dataclass(frozen=True, slots=True)
class Policy:
    """Which stages run. `tests`: on so many of the best, None for all, 0 for none.

    first  the first example alone is run, as where a description shows one of many cases
    """

    filters: bool = False
    examples: bool = False
    first: bool = False
    judge: bool = False
    tests: int | None = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy's scores, higher is better, and its wall seconds in all."""

    scores: Sequence[float]
    seconds: float


POLICIES: Mapping[str, Policy] = {
    "tests": Policy(tests=None),
    "judge": Policy(judge=True),
    "examples": Policy(examples=True),
    "filters, judge": Policy(filters=True, judge=True),
    "examples, judge": Policy(examples=True, judge=True),
    "first example, judge": Policy(first=True, judge=True),
    "filters, examples": Policy(filters=True, examples=True),
    "filters, examples, judge": Policy(filters=True, examples=True, judge=True),
    **{f"judge, tests on {best}": Policy(judge=True, tests=best) for best in BEST},
    **{
        f"filters, examples, judge, tests on {best}": Policy(
            filters=True, examples=True, judge=True, tests=best
        )
        for best in BEST
    },
}


def chosen(name: str, outcomes: Sequence[Outcome]) -> Chosen:
    """What the policy `name` makes of the candidates of many tasks."""
    policy = POLICIES[name]
    tasks: dict[str, list[int]] = {}
    for place, one in enumerate(outcomes):
        tasks.setdefault(one.task, []).append(place)
    scores = [0.0] * len(outcomes)
    seconds = 0.0
    for places in tasks.values():
        ranks, spent = _of_task(policy, [outcomes[place] for place in places])
        seconds += spent
        for place, rank in zip(places, ranks, strict=True):
            scores[place] = -float(rank)
    return Chosen(scores, seconds)


def _of_task(policy: Policy, task: Sequence[Outcome]) -> tuple[list[int], float]:
    """The rank of each candidate, and the seconds that it took. A task's ties share a rank."""
    alive, spent = list(range(len(task))), 0.0
    fell = dict.fromkeys(alive, "")
    if policy.filters:
        spent += sum(one.filters_s for one in task)
        alive = _filtered(alive, fell, task, lambda one: one.stage or "")
    if policy.examples and any(task[one].shown for one in alive):
        spent += sum(task[place].examples_s for place in alive)
        most = max(task[place].passed or 0 for place in alive)
        alive = _filtered(
            alive, fell, task, lambda one: "" if (one.passed or 0) == most else "examples"
        )
    if policy.first and any(task[one].shown for one in alive):
        spent += sum(task[place].examples_s / max(1, task[place].shown) for place in alive)
        alive = _filtered(alive, fell, task, lambda one: "" if one.first else "examples")
    if policy.judge:
        spent += sum(task[place].judge_s for place in alive)
    best = policy.tests if policy.tests is not None else len(alive)
    ordered = sorted(alive, key=lambda place: _ranks(policy, task, fell)[place])
    for place in ordered[:best]:
        spent += task[place].tests_s
        fell[place] = PASSED if task[place].passes else TESTS
    return _ranks(policy, task, fell), spent


def _filtered(
    alive: list[int],
    fell: dict[int, str],
    task: Sequence[Outcome],
    stage_of: Callable[[Outcome], str],
) -> list[int]:
    left = survivors(alive, {place: not stage_of(task[place]) for place in alive})
    for place in set(alive) - set(left):
        fell[place] = stage_of(task[place])
    return left


def _ranks(policy: Policy, task: Sequence[Outcome], fell: Mapping[int, str]) -> list[int]:
    """Ranks as `gavel rank` gives them; without the judge, who went as far shares a rank."""
    rows: list[dict[str, object]] = [
        {
            "task_id": 0,
            "stage": fell[place],
            **({"code": one.code} if policy.judge else {}),
            "p_correct": one.p_correct if policy.judge else 0.5,
            "logit": one.logit if policy.judge else 0.0,
        }
        for place, one in enumerate(task)
    ]
    ranks = [int(str(row["rank"])) for row in rank_rows(rows)]
    if policy.judge:
        return ranks
    first = {
        fell[place]: min(r for p, r in enumerate(ranks) if fell[p] == fell[place]) for place in fell
    }
    return [first[fell[place]] for place in range(len(task))]

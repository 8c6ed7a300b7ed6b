"""Decide how candidates are ranked where no model is asked. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from judge.agreement import agreement
from judge.study.answers import Answer
from judge.study.pool import SIZES, Candidate

Scores = Callable[[Sequence[Candidate]], list[float]]  # higher is likelier correct


def _random(candidates: Sequence[Candidate]) -> list[float]:
    """The same draw in every run: a hash of the candidate, as a number in [0, 1)."""
    digests = (hashlib.sha256(f"random {one.id}".encode()).digest() for one in candidates)
    return [int.from_bytes(digest[:6], "big") / 2**48 for digest in digests]


def _shortest(candidates: Sequence[Candidate]) -> list[float]:
    return [-float(len(one.code)) for one in candidates]


def _longest(candidates: Sequence[Candidate]) -> list[float]:
    return [float(len(one.code)) for one in candidates]


def _agreement(candidates: Sequence[Candidate]) -> list[float]:
    return agreement([one.code for one in candidates])


def _oracle(candidates: Sequence[Candidate]) -> list[float]:
    return [float(one.label) for one in candidates]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A rule. `by_others`: a candidate's score depends on the task's other candidates."""

    scores: Scores
    what: str
    by_others: bool = False


RANKINGS: Mapping[str, Ranking] = {
    "random": Ranking(_random, "a fixed draw"),
    "shortest": Ranking(_shortest, "fewer characters of code first"),
    "longest": Ranking(_longest, "more characters of code first"),
    "agreement": Ranking(
        _agreement, "most in common with the task's other candidates, by text", by_others=True
    ),
    "oracle": Ranking(_oracle, "the labels themselves: what a perfect choice would give"),
}

EXECUTED = ("output-agreement", "written-tests")  # these run code: judge.study.executed_rankings


def answers_of(name: str, task: Sequence[Candidate]) -> list[Answer]:
    """What the ranking `name` says of the candidates of one task, without its cost."""
    ranking = RANKINGS[name]
    among: list[dict[int, float]] = [{} for _ in task]
    for size in (one for one in SIZES if ranking.by_others and one <= len(task)):
        for known, score in zip(among, ranking.scores(task[:size]), strict=False):
            known[size] = score
    return [
        Answer(one.id, score, among=known)
        for one, score, known in zip(task, ranking.scores(task), among, strict=True)
    ]

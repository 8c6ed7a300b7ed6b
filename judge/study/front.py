"""Decide which systems are on the front of quality against processor time. No I/O.

A system is on it (Pareto) where no other is as good in less time, or better in no more. One that
looks at the labels, or whose processor time is not known, is none to choose and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judge.study.figures import Result

LABELLED = ("oracle",)  # look at the labels
QUALITIES = ("auc", "top1")
PAIRS = (("rankef", "plain"),)  # endings of systems that differ in one thing


@dataclass(frozen=True, slots=True)
class Place:
    """A system: CPU-seconds for a thousand candidates, its quality, and whether none beats it."""

    name: str
    cpu_seconds: float
    quality: float
    on_front: bool


def places(results: Mapping[str, Result], quality: str) -> list[Place]:
    """The systems that can be compared by `quality`, a name of `OVERALL`, the cheapest first."""
    known = [
        (one.cost.cpu_seconds, value, name)
        for name, one in results.items()
        if name not in LABELLED
        and one.cost.cpu_seconds is not None
        and (value := one.figures[quality].value) is not None
    ]
    return [
        Place(name, seconds, value, not any(_beats(other, (seconds, value)) for other in known))
        for seconds, value, name in sorted(known, key=lambda one: (one[0], -one[1], one[2]))
    ]


def pairs(names: Mapping[str, object]) -> list[tuple[str, str]]:
    """(with, without) of the systems that were trained with and without one thing."""
    return [
        (name, other)
        for name in names
        for ending, without in PAIRS
        if name.endswith(f"-{ending}")
        and (other := f"{name.removesuffix(ending)}{without}") in names
    ]


def _beats(other: tuple[float, float, str], one: tuple[float, float]) -> bool:
    (their_seconds, theirs, _), (seconds, own) = other, one
    return (theirs >= own and their_seconds < seconds) or (
        theirs > own and their_seconds <= seconds
    )

"""Decide the order of many candidates by comparing few pairs of them. No I/O.

A comparison that reads two candidates together is dear: all pairs of N are N (N - 1) / 2. Here the
candidates come in an order that is cheap (the judge's, or what they have in common), only the best
of it are compared, and each comparison is spent on two that stand close.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

FIELD = 8  # candidates that play; the rest keep the place that the cheap order gave them
Prefer = Callable[[int, int], float]  # P(the first of two candidates is the better), in [0, 1]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Places of the candidates, best first, and how many comparisons that took."""

    order: tuple[int, ...]
    comparisons: int


def all_pairs(count: int, prefer: Prefer) -> Ranked:
    """Everybody against everybody: N (N - 1) / 2 comparisons."""
    return _round(list(range(count)), list(range(count)), prefer)


def tournament(merits: Sequence[float], prefer: Prefer, *, field: int = FIELD) -> Ranked:
    """A knock-out among the candidates of the best `merits`, then a round among those who reached
    its last four: fewer than `field` + 6 comparisons, however many candidates there are.

    merits  cheap scores, higher is better; they seed the knock-out, so that the best two can only
            meet at its end, and order everybody who did not play
    """
    seeded = sorted(range(len(merits)), key=lambda one: -merits[one])
    playing, resting = seeded[:field], seeded[field:]
    beaten: list[int] = []  # the latest first
    comparisons = 0
    while len(playing) > 4:
        half = len(playing) // 2
        spared = playing[: len(playing) - 2 * half]  # the best seeds, where the number is odd
        pairs = list(zip(playing[len(spared) : len(spared) + half], playing[::-1], strict=False))
        comparisons += len(pairs)
        winners = {one if prefer(one, other) >= 0.5 else other for one, other in pairs}
        out = [one for one in playing if one not in winners and one not in spared]
        beaten = [*out, *beaten]
        playing = [one for one in playing if one in winners or one in spared]
    last = _round(playing, seeded, prefer)
    return Ranked((*last.order, *beaten, *resting), comparisons + last.comparisons)


def _round(playing: Sequence[int], seeded: Sequence[int], prefer: Prefer) -> Ranked:
    """Everybody in `playing` against everybody, by the sum of what is preferred; then by seed."""
    points = dict.fromkeys(playing, 0.0)
    comparisons = 0
    for place, one in enumerate(playing):
        for other in playing[place + 1 :]:
            p = prefer(one, other)
            points[one] += p
            points[other] += 1 - p
            comparisons += 1
    seeds = {one: seed for seed, one in enumerate(seeded)}
    return Ranked(tuple(sorted(playing, key=lambda one: (-points[one], seeds[one]))), comparisons)

"""Decide how far the gate may go on a repository, from what people said of its comments. No I/O.

A gate has to earn its place. The rules of a repository name the highest rung that is wanted; the
comments that people confirmed or refuted there say how precise the reviewer is, as a Wilson
interval of 95 % (Wilson 1927). It blocks while the lower end reaches the precision that blocking
asks for, and falls back to silence once even the upper end misses what advising asks for. Nothing
is remembered but the labels, so the gate rises and falls with them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from worker.feedback import TEACHES, WRONG, Label
from worker.repo_config import Gate, Rules

Z_95 = 1.959963984540054
ORDER = (Gate.OFF, Gate.SHADOW, Gate.ADVISE, Gate.BLOCK)
ENOUGH = 0.6  # net weight of labels that decides; a closed thread alone, 0.5, leaves it open
NOT_COUNTED = frozenset({"history"})  # it speaks of all code, not of our comments


@dataclass(frozen=True, slots=True)
class Tally:
    """How many comments people confirmed (the code was wrong) and refuted."""

    confirmed: int = 0
    refuted: int = 0

    @property
    def judged(self) -> int:
        """Comments about which somebody said something clear."""
        return self.confirmed + self.refuted

    @property
    def precision(self) -> float:
        """Share of confirmed comments; 0 where there are none."""
        return self.confirmed / self.judged if self.judged else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the 95 % Wilson interval of the precision; (0, 1) for none.

        >>> Tally(8, 2).interval
        (0.49, 0.943)
        """
        n = self.judged
        if not n:
            return 0.0, 1.0
        centre = (self.precision + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
        spread = self.precision * (1 - self.precision) / n + Z_95**2 / (4 * n * n)
        half = Z_95 * math.sqrt(spread) / (1 + Z_95**2 / n)
        return round(max(centre - half, 0.0), 3), round(min(centre + half, 1.0), 3)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the gate stands.

    wanted  the rung that the rules name
    gate    the rung that it acts on
    tally   what people said so far
    needed  precision that the lower end has to reach for the wanted rung, 0 where it asks none
    least   judged comments before precision counts
    """

    wanted: Gate
    gate: Gate
    tally: Tally
    needed: float
    least: int

    @property
    def is_held_back(self) -> bool:
        """It may not do what the rules want."""
        return self.gate is not self.wanted


def tally(labels: Iterable[Label]) -> Tally:
    """What `labels` say of each commented snippet; those that leave it open are not counted."""
    net: dict[str, float] = defaultdict(float)
    for label in labels:
        teaching = TEACHES.get(label.signal)
        if teaching is not None and teaching.source not in NOT_COUNTED:
            net[label.fingerprint] += label.weight if label.label == WRONG else -label.weight
    return Tally(
        confirmed=sum(weight >= ENOUGH for weight in net.values()),
        refuted=sum(weight <= -ENOUGH for weight in net.values()),
    )


def standing(rules: Rules, said: Tally) -> Standing:
    """The rung that `said` allows, at most the one that `rules` want."""
    precision, wanted = rules.precision, rules.gate
    needed = {Gate.ADVISE: precision.advise, Gate.BLOCK: precision.block}.get(wanted, 0.0)
    gate = wanted if wanted in {Gate.OFF, Gate.SHADOW} else _rung(rules, said)
    return Standing(wanted, gate, said, needed, precision.least)


def _rung(rules: Rules, said: Tally) -> Gate:
    lower, upper = said.interval
    precision = rules.precision
    if said.judged < precision.least:
        return min(rules.gate, Gate(precision.start), key=ORDER.index)
    if rules.gate is Gate.BLOCK and lower >= precision.block:
        return Gate.BLOCK
    earned = lower >= precision.advise
    lost = upper < precision.advise
    keeps_quiet = lost or (precision.start == Gate.SHADOW.value and not earned)
    return Gate.SHADOW if keeps_quiet else Gate.ADVISE

"""Decide what people's signals teach: labels, their weights, and who may say how much. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from statistics import median

from judge.shrink import Adjustment, Weighted, fit

RIGHT, WRONG = 1, 0  # labels of code, as in data rows


class Signal(Enum):
    """What somebody did with a comment of ours, or what later history shows about its code."""

    AGREED = "agreed"  # thumbs up on the comment: the code is wrong
    DISAGREED = "disagreed"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"  # resolved or hidden, saying that the comment is wrong
    REOPENED = "reopened"
    REPLIED = "replied"
    ACCEPTED = "accepted"  # /gavel accept
    IGNORED = "ignored"  # /gavel ignore
    APPLIED = "applied"  # our suggestion was committed
    FIXED = "fixed"  # a later change repaired these lines
    REVERTED = "reverted"
    KEPT = "kept"  # merged, and untouched for a while


@dataclass(frozen=True, slots=True)
class Teaching:
    """What one signal says of the code that it is about.

    label   RIGHT or WRONG
    weight  1 is a person who said so in words
    source  where it comes from: person, suggestion or history
    """

    label: int
    weight: float
    source: str


# A signal that is not in here teaches nothing. The two sides of one source weigh the same:
# probabilities would lean to the heavier side otherwise.
TEACHES: Mapping[Signal, Teaching] = {
    Signal.ACCEPTED: Teaching(WRONG, 1.0, "person"),
    Signal.IGNORED: Teaching(RIGHT, 1.0, "person"),
    Signal.AGREED: Teaching(WRONG, 0.7, "person"),
    Signal.DISAGREED: Teaching(RIGHT, 0.7, "person"),
    Signal.RESOLVED: Teaching(WRONG, 0.5, "person"),  # often only to clear the thread
    Signal.DISMISSED: Teaching(RIGHT, 0.5, "person"),
    Signal.APPLIED: Teaching(WRONG, 1.0, "suggestion"),
    Signal.FIXED: Teaching(WRONG, 0.5, "history"),
    Signal.REVERTED: Teaching(WRONG, 0.5, "history"),
    Signal.KEPT: Teaching(RIGHT, 0.5, "history"),
}
# Below either, a repository teaches nothing yet.
ENOUGH_WEIGHT = 15.0
ENOUGH_PEOPLE = 3
# One person counts for at most so many times the median person, and never for less than this.
TIMES_MEDIAN = 2.0
ALWAYS_ALLOWED = 4.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """One signal about the snippet with `fingerprint`, as a delivery brought it.

    author  who gave it, as the forge names them; "" where history itself spoke
    is_own  they are the author of the change
    reason  their words, or ""
    """

    forge: str
    delivery_id: str
    repo: str
    number: int
    fingerprint: str
    signal: Signal
    author: str = ""
    is_own: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What one person, or history, teaches about one snippet.

    label   RIGHT or WRONG
    weight  >= 0, after every bound
    """

    fingerprint: str
    author: str
    label: int
    weight: float
    signal: Signal
    is_own: bool


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a repository's labels made of its probabilities.

    labels, people  how many there were; history is nobody
    """

    adjustment: Adjustment
    labels: int
    people: int


def labels(given: Iterable[Feedback]) -> tuple[Label, ...]:
    """The labels in `given`, which is in order: each person's last word on each snippet.

    A reopened thread takes back that it was resolved, whoever resolved it.
    """
    last: dict[tuple[str, str], Label] = {}
    for one in given:
        if one.signal is Signal.REOPENED:
            _take_back(last, one.fingerprint)
        teaching = TEACHES.get(one.signal)
        if teaching is not None:
            last.pop((one.fingerprint, one.author), None)
            last[one.fingerprint, one.author] = Label(
                one.fingerprint,
                one.author,
                teaching.label,
                teaching.weight,
                one.signal,
                one.is_own,
            )
    return tuple(last.values())


def bounded(given: Sequence[Label]) -> tuple[Label, ...]:
    """The labels with each person's weights scaled down to what one person may say.

    History has no bound: nobody can say anything in its name.
    """
    said = weights_of(given)
    if not said:
        return tuple(given)
    most = max(ALWAYS_ALLOWED, TIMES_MEDIAN * median(said.values()))
    return tuple(
        replace(one, weight=one.weight * min(1.0, most / said[one.author])) if one.author else one
        for one in given
    )


def weights_of(given: Iterable[Label]) -> dict[str, float]:
    """The sum of weights of each person."""
    said: dict[str, float] = defaultdict(float)
    for one in given:
        if one.author:
            said[one.author] += one.weight
    return dict(said)


def learn(given: Sequence[Label], p_of: Mapping[str, float]) -> Learnt | None:
    """What `given` teaches about a judge, or None before there is enough.

    p_of  fingerprint -> P(correct) of that judge by its global calibration
    """
    known = bounded([one for one in given if one.fingerprint in p_of])
    people = weights_of(known)
    weight = sum(one.weight for one in known)
    if weight < ENOUGH_WEIGHT or len(people) < ENOUGH_PEOPLE:
        return None
    found = fit([Weighted(p_of[one.fingerprint], one.label, one.weight) for one in known])
    return Learnt(found, labels=len(known), people=len(people))


def _take_back(last: dict[tuple[str, str], Label], fingerprint: str) -> None:
    for key, label in list(last.items()):
        if key[0] == fingerprint and label.signal is Signal.RESOLVED:
            del last[key]

"""Decide how numbers, times and states read on a page. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from worker.escape import plain
from worker.types import State

STATES: Mapping[State, tuple[str, str]] = {
    State.QUEUED: ("queued", "waits for an io worker"),
    State.PREPARED: ("prepared", "waits for the judge"),
    State.SCORED: ("scored", "waits to be published"),
    State.PUBLISHED: ("published", "the review is on the change"),
    State.SUPERSEDED: ("superseded", "a newer head took its place"),
    State.FAILED: ("failed", "it could not be judged, and the check says why"),
    State.IGNORED: ("ignored", "the change was closed"),
}
MOVING = frozenset({State.QUEUED, State.PREPARED, State.SCORED})
CONCLUSIONS: Mapping[str, str] = {
    "passed": "passed",
    "failed": "blocked",
    "advised": "advised",
    "not_judged": "not judged",
}
AGO: tuple[tuple[float, str], ...] = ((86_400, "d"), (3_600, "h"), (60, "min"))


def percent(share: float | None) -> str:
    """A share as whole percent.

    >>> percent(0.284), percent(None)
    ('28 %', '–')
    """
    return "–" if share is None else f"{100 * share:.0f} %"


def probability(p: float | None) -> str:
    """A probability with two places, never a certain 0 or 1.

    >>> probability(0.284), probability(0.999)
    ('0.28', '0.99')
    """
    return "–" if p is None else f"{min(max(p, 0.01), 0.99):.2f}"


def seconds(value: float | None) -> str:
    """A span of time, short.

    >>> seconds(0.25), seconds(75), seconds(9000), seconds(None)
    ('0.25 s', '1.3 min', '2.5 h', '–')
    """
    if value is None:
        return "–"
    if value < 60:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.1f} min" if value < 3600 else f"{value / 3600:.1f} h"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was, short."""
    passed = max((now - moment).total_seconds(), 0.0)
    for unit, name in AGO:
        if passed >= unit:
            return f"{passed // unit:.0f} {name} ago"
    return "just now"


def moment(at: datetime) -> str:
    """A moment, to the second, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def title(text: str) -> str:
    """A title of a change on one line, without control characters."""
    return plain(text, limit=160) or "(no title)"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "review"), count(1234, "review"), count(2, "reply", "replies")
    ('1 review', '1,234 reviews', '2 replies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def likely(p: float) -> str:
    """P(correct) in words.

    >>> likely(0.1), likely(0.5), likely(0.95)
    ('probably wrong', 'could go either way', 'very likely right')
    """
    for below, said in ((0.2, "probably wrong"), (0.4, "doubtful"), (0.6, "could go either way")):
        if p < below:
            return said
    return "likely right" if p < 0.9 else "very likely right"


def grade(p: float | None, *, wrong: float = 0.3) -> str:
    """The class of a probability in the style sheet, by the default threshold.

    >>> grade(0.1), grade(0.4), grade(0.8), grade(None)
    ('wrong', 'doubtful', 'fine', '')
    """
    if p is None:
        return ""
    return "wrong" if p < wrong else "doubtful" if p < 0.5 else "fine"


def total(*parts: float | None) -> float | None:
    """The sum of the parts that are known, None where none is."""
    known = [one for one in parts if one is not None]
    return sum(known) if known else None

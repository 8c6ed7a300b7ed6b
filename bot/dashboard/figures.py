"""Decide the figures that pages draw: precision, reliability, coverage, time. No I/O.

Standard library only: the receiver serves these pages and loads no numeric package.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from judge.reliability import Bin as Measured
from worker.feedback import RIGHT, WRONG, Label
from worker.gate import Tally
from worker.store.pages import ReviewLine

BINS = 10
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Bin:
    """Snippets whose stated P(correct) is in one range.

    stated    mean of what was stated
    observed  share that turned out correct
    low, high 95 % interval of `observed`
    """

    stated: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a repository.

    start   its Monday
    tally   comments that people confirmed or refuted in it
    """

    start: datetime
    tally: Tally
    reviews: int = 0
    judged: int = 0
    abstained: int = 0
    skipped: int = 0
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well stated probabilities agree with labels; None where there are none.

    ece    mean gap between stated and observed, over `BINS` bins (Guo et al. 2017)
    brier  mean squared error
    auc    chance that right code got the higher probability, ties count half
    """

    n: int
    right: int
    ece: float | None
    brier: float | None
    auc: float | None


def majority(labels: Iterable[Label]) -> dict[str, int]:
    """fingerprint -> RIGHT or WRONG, by weight; a draw decides nothing."""
    net: dict[str, float] = defaultdict(float)
    for one in labels:
        net[one.fingerprint] += one.weight if one.label == RIGHT else -one.weight
    return {name: RIGHT if total > 0 else WRONG for name, total in net.items() if total}


def reliability(pairs: Iterable[tuple[float, int]], bins: int = BINS) -> list[Bin]:
    """The bins that hold something, from (stated P(correct), label) pairs."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for p, label in pairs:
        found[min(int(p * bins), bins - 1)].append((p, label))
    return [_bin(found[at]) for at in sorted(found)]


def measured(bins: Iterable[Measured]) -> list[Bin]:
    """The bins that were measured of a judge on labelled rows, with their intervals."""
    found = []
    for one in bins:
        right = round(one.seen * one.n)
        low, high = Tally(confirmed=right, refuted=one.n - right).interval
        found.append(Bin(one.stated, one.seen, low, high, one.n))
    return found


def quality(pairs: Sequence[tuple[float, int]]) -> Quality:
    """Calibration and ranking of (stated P(correct), label) pairs."""
    n, right = len(pairs), sum(label for _, label in pairs)
    if not n:
        return Quality(0, 0, None, None, None)
    gaps = sum(one.n * abs(one.stated - one.observed) for one in reliability(pairs))
    brier = sum((p - label) ** 2 for p, label in pairs) / n
    return Quality(n, right, gaps / n, brier, _auc(pairs))


def weeks(
    lines: Iterable[ReviewLine],
    said: Iterable[tuple[datetime, int]],
    *,
    now: datetime,
) -> list[Week]:
    """The last `WEEKS` weeks, the oldest first, empty ones included.

    said  when a person spoke about a comment, and what the code then is
    """
    starts = [monday(now) - timedelta(weeks=back) for back in range(WEEKS)][::-1]
    of_week: dict[datetime, list[ReviewLine]] = defaultdict(list)
    for line in lines:
        of_week[monday(line.created_at)].append(line)
    labels: dict[datetime, list[int]] = defaultdict(list)
    for at, label in said:
        labels[monday(at)].append(label)
    return [_week(start, of_week[start], labels[start]) for start in starts]


def monday(moment: datetime) -> datetime:
    """Midnight of the Monday before `moment`, in its zone."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def _week(start: datetime, lines: Sequence[ReviewLine], labels: Sequence[int]) -> Week:
    return Week(
        start,
        Tally(confirmed=labels.count(WRONG), refuted=labels.count(RIGHT)),
        reviews=len(lines),
        judged=sum(one.judged for one in lines),
        abstained=sum(one.snippets - one.judged for one in lines),
        skipped=sum(one.code_skipped for one in lines),
        seconds=(
            sum(one.prepare_s or 0.0 for one in lines),
            sum(one.score_s or 0.0 for one in lines),
            sum(one.publish_s or 0.0 for one in lines),
        ),
    )


def _bin(pairs: Sequence[tuple[float, int]]) -> Bin:
    right = sum(label for _, label in pairs)
    low, high = Tally(confirmed=right, refuted=len(pairs) - right).interval
    stated = sum(p for p, _ in pairs) / len(pairs)
    return Bin(stated, right / len(pairs), low, high, len(pairs))


def _auc(pairs: Sequence[tuple[float, int]]) -> float | None:
    wrong_below, ordered = 0, 0.0
    at: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for p, label in pairs:
        at[p][label] += 1
    for p in sorted(at):
        wrong, right = at[p]
        ordered += right * (wrong_below + wrong / 2)
        wrong_below += wrong
    total = wrong_below * (len(pairs) - wrong_below)
    return ordered / total if total else None

"""Decide how often the right one of two versions is preferred, whatever their lengths. No I/O.

Most fixes add code, so that preferring the longer version looks like knowledge. Pairs are therefore
told apart by what the fix did to the length (grew, kept, shrank), and the figure is the mean of the
three accuracies: a rule of length alone then gets one half.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.evaluate.intervals import RESAMPLES, SEED, Figure, draws, interval
from judge.evaluate.sample import F64, I64
from judge.evaluate.weighted import ratio

Row = Mapping[str, object]
GROWTH = ("grew", "kept", "shrank")
BALANCED = "balanced"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Pair:
    """A wrong row and the right one that it became or came from.

    growth  what the fix did to the characters of the code: a place in GROWTH
    task    pairs of one task are resampled together
    """

    wrong: Row
    right: Row
    growth: int
    task: str


def pairs_of(rows: Sequence[Row], originals: Sequence[Row] = ()) -> list[Pair]:
    """The pairs in `rows`: mutants with their original, functions before and after a fix.

    originals  more rows that a mutant's `original` may name by `id`

    A row without a partner is left out; so is one whose partner has the same label, or no code.
    """
    by_id = {str(row["id"]): row for row in (*originals, *rows) if "id" in row}
    found = [_pair(row, by_id.get(str(row["original"]))) for row in rows if "original" in row]
    fixes: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("kind") == "fix":
            fixes.setdefault(str(row.get("task_id")), []).append(row)
    for both in fixes.values():
        both.sort(key=lambda row: row.get("label") == 1)
        found.append(_pair(both[0], both[-1]) if len(both) == 2 else None)
    return [pair for pair in found if pair is not None]


def _pair(wrong: Row, right: Row | None) -> Pair | None:
    if right is None or (wrong.get("label"), right.get("label")) != (0, 1):
        return None
    if not (isinstance(wrong.get("code"), str) and isinstance(right.get("code"), str)):
        return None
    more = len(str(right["code"])) - len(str(wrong["code"]))
    growth = GROWTH.index("grew" if more > 0 else "shrank" if more < 0 else "kept")
    return Pair(wrong, right, growth, str(right.get("task_id", right.get("id"))))


def chosen(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """At most `most` pairs, a third of each growth where there are as many; always the same."""
    queues = [
        sorted((one for one in pairs if one.growth == place), key=_shuffled)
        for place in range(len(GROWTH))
    ]
    return [*_dealt(queues)][:most]


def _dealt(queues: Sequence[list[Pair]]) -> Iterator[Pair]:
    for place in range(max((len(queue) for queue in queues), default=0)):
        yield from (queue[place] for queue in queues if place < len(queue))


def _shuffled(pair: Pair) -> str:
    text = f"{pair.task}\0{pair.wrong['code']}\0{pair.right['code']}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def preferred(wrong: F64, right: F64) -> F64:
    """(P,) 1 where the right one has the higher score, 0 where the wrong one has, a half of ties.

    >>> preferred(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    return (np.sign(right - wrong) + 1) / 2


def accuracies(pairs: Sequence[Pair], hit: F64, *, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """The share of `hit` (P,) balanced over growth, over all pairs, and for each growth.

    Intervals are 95 % by bootstrap over tasks, as everywhere. Growths without a pair do not count.
    """
    names = sorted({pair.task for pair in pairs})
    task = np.array([names.index(pair.task) for pair in pairs], dtype=np.int64)
    growth = np.array([pair.growth for pair in pairs], dtype=np.int64)
    hits, counts = (_sums(task, growth, each, len(names)) for each in (hit, np.ones(len(pairs))))
    point = _told(np.ones((1, len(names))), hits, counts)
    drawn = [
        _told(weights, hits, counts)
        for weights in draws(len(names), len(pairs), resamples=resamples, seed=SEED)
    ]
    told = {}
    for name, value in point.items():
        n = int(counts[:, GROWTH.index(name)].sum()) if name in GROWTH else len(pairs)
        if np.isnan(value[0]):
            told[name] = Figure(None, None, None, n, "pairs", "there are no such pairs")
        else:
            low, high = interval(np.concatenate([one[name] for one in drawn]), len(names))
            told[name] = Figure(float(value[0]), low, high, n, "pairs")
    return told


def _sums(task: I64, growth: I64, each: F64, tasks: int) -> F64:
    """(T, 3) sums of a number per pair."""
    sums = np.zeros((tasks, len(GROWTH)))
    np.add.at(sums, (task, growth), each)
    return sums


def _told(weights: F64, hits: F64, counts: F64) -> dict[str, F64]:
    """Name -> (R,) accuracies where tasks count `weights` (R, T) times."""
    right, n = weights @ hits, weights @ counts  # (R, 3)
    each = ratio(right, n)
    told = {BALANCED: ratio(np.nansum(each, axis=1), (n > 0).sum(axis=1).astype(np.float64))}
    told[ALL] = ratio(right.sum(axis=1), n.sum(axis=1))
    return {**told, **{name: each[:, place] for place, name in enumerate(GROWTH)}}

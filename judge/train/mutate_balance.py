"""Decide which mutants to take so that together they leave no marks. No I/O.

A mutation that is commoner one way than the other can be seen without understanding the code: a
"+ 1" too many, a "//" where "%" is usual. The balance keeps count of the character n-grams that
the mutants chosen so far gained and lost, and takes next the one that brings the count nearest to
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

SIZES = (1, 2, 3, 4)  # of the n-grams, as in judge.evaluate.baselines
_RARE = 4.0  # a gram in fewer originals than this counts no more than one in as many


class Balance:
    """What the chosen mutants gained and lost against their originals, n-gram by n-gram.

    originals  the code that is mutated: a gram that is common there may vary more
    """

    def __init__(self, originals: Iterable[str]) -> None:
        held: Counter[str] = Counter()
        for code in originals:
            held.update(set(_grams(code)))
        self._weight = {gram: 1.0 / (_RARE + count) for gram, count in held.items()}
        self._sum: Counter[str] = Counter()

    def best(self, original: str, choices: Sequence[str]) -> int:
        """The index of the choice that leaves the count nearest to nothing. It is counted."""
        changes = [_change(original, one) for one in choices]
        costs = [self._cost(change) for change in changes]
        index = min(range(len(costs)), key=costs.__getitem__)
        for gram, count in changes[index].items():
            self._sum[gram] += count
        return index

    def _cost(self, change: Counter[str]) -> float:
        return sum(
            self._weight.get(gram, 1.0 / _RARE) * count * (2 * self._sum[gram] + count)
            for gram, count in change.items()
        )


def _change(before: str, after: str) -> Counter[str]:
    """Grams that `after` has more of than `before`, and less of (negative)."""
    reach = max(SIZES) - 1
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start, end = max(0, head - reach), max(0, tail - reach)
    change = Counter(_grams(after[start : len(after) - end]))
    change.subtract(_grams(before[start : len(before) - end]))
    return Counter({gram: count for gram, count in change.items() if count})


def _grams(code: str) -> Iterable[str]:
    return (code[at : at + size] for size in SIZES for at in range(len(code) - size + 1))

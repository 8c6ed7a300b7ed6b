"""Decide how far stated probabilities were right, in bins, and tell it as text. No I/O.

`reliability.json` stands beside the `judge.json` of an adapter, whose version it names: a picture
of one judge is never shown for another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

BINS = 10
FILE = "reliability.json"


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose stated probabilities lie close together.

    stated  their mean P(correct), 0 to 1
    seen    the share of them that is correct, 0 to 1
    n       how many they are, >= 1
    """

    stated: float
    seen: float
    n: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """What was seen of one judge.

    version  of the adapter
    rows     what the rows were, in a few words
    bins     in the order of `stated`; empty bins are left out
    """

    version: str
    rows: str
    bins: tuple[Bin, ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return sum(one.n for one in self.bins)


def binned(p: Sequence[float], labels: Sequence[int], *, bins: int = BINS) -> tuple[Bin, ...]:
    """The rows in bins of equal width over [0, 1].

    p       (N,) stated P(correct)
    labels  (N,) 1 for correct and 0 for wrong

    >>> binned([0.1, 0.12, 0.9], [0, 1, 1])
    (Bin(stated=0.11, seen=0.5, n=2), Bin(stated=0.9, seen=1.0, n=1))
    """
    found: dict[int, list[tuple[float, int]]] = {}
    for stated, label in zip(p, labels, strict=True):
        found.setdefault(min(int(stated * bins), bins - 1), []).append((stated, label))
    return tuple(
        Bin(
            stated=round(sum(stated for stated, _ in rows) / len(rows), 4),
            seen=round(sum(label for _, label in rows) / len(rows), 4),
            n=len(rows),
        )
        for _, rows in sorted(found.items())
    )


def as_text(reliability: Reliability) -> str:
    """The text of a `reliability.json`."""
    return json.dumps(asdict(reliability), indent=2) + "\n"


def parse(text: str) -> Reliability | None:
    """What a `reliability.json` says, or None where it is not readable as one."""
    try:
        value = json.loads(text)
        bins = tuple(
            Bin(float(one["stated"]), float(one["seen"]), int(one["n"])) for one in value["bins"]
        )
        return Reliability(str(value["version"]), str(value["rows"]), bins)
    except (ValueError, KeyError, TypeError):
        return None

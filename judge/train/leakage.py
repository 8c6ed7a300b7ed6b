"""Decide which pieces of code are nearly the same. No I/O.

Code is cut into tokens without comments and white space, and these into runs of SHINGLE tokens. Two
pieces are near duplicates when they share most of their runs. MinHash finds the pairs worth
comparing among many (Broder, 1997).
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

SHINGLE = 5  # tokens
NEAR = 0.8  # share of common runs from which on code counts as the same
BANDS, BAND_ROWS = 12, 4  # finds 99 % of pairs at 0.8, 55 % at 0.5
MIN_TOKENS = 12  # shorter code is the same by chance
_TOKEN = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[A-Za-z_$][\w$]*|\d[\w.]*|[^\sA-Za-z_$\d\"']+|[\"']"
)
_COMMENT = re.compile(
    r"\"\"\".*?\"\"\"|'''.*?'''|/\*.*?\*/|(?m:(?<![:\"'])//[^\n]*$)|(?m:^\s*#[^\n]*$)", re.DOTALL
)
_COUNT = BANDS * BAND_ROWS
_SHIFT = np.uint64(32)
_TURNS = np.random.default_rng(0).integers(1, 1 << 63, size=(2, _COUNT, 1), dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Piece:
    """Code with where it comes from: a name for people, and the set that it belongs to."""

    name: str
    part: str
    shingles: frozenset[int]


@dataclass(frozen=True, slots=True)
class Leak:
    """Two pieces of different parts that are nearly the same; `share` of common runs."""

    one: str
    other: str
    share: float


def shingles(code: str) -> frozenset[int]:
    """Hashes of the runs of tokens of `code`; of code under MIN_TOKENS, nothing."""
    tokens = _TOKEN.findall(_COMMENT.sub(" ", code))
    if len(tokens) < MIN_TOKENS:
        return frozenset()
    runs = (" ".join(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1))
    return frozenset(zlib.crc32(run.encode("utf-8", "surrogatepass")) for run in runs)


def leaks(pieces: Iterable[Piece], *, near: float = NEAR) -> list[Leak]:
    """Pairs of pieces of different parts that share `near` of their runs, the most alike first."""
    kept = [one for one in pieces if one.shingles]
    found: dict[tuple[int, int], float] = {}
    for group in _candidates(kept):
        for at, one in enumerate(group):
            for other in group[at + 1 :]:
                if kept[one].part != kept[other].part and (one, other) not in found:
                    found[one, other] = alike(kept[one].shingles, kept[other].shingles)
    told = [
        Leak(kept[one].name, kept[other].name, round(share, 3))
        for (one, other), share in found.items()
        if share >= near
    ]
    return sorted(told, key=lambda leak: (-leak.share, leak.one, leak.other))


def alike(one: frozenset[int], other: frozenset[int]) -> float:
    """Share of the runs of both that are in both (Jaccard)."""
    return len(one & other) / len(one | other) if one or other else 0.0


def _candidates(pieces: Sequence[Piece]) -> Iterator[list[int]]:
    """Groups of indexes whose MinHash is the same in one band."""
    same: dict[frozenset[int], list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        same[piece.shingles].append(index)
    buckets: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for held, indexes in same.items():
        for band, key in enumerate(_bands(held)):
            buckets[band, key].extend(_one_of_each_part(pieces, indexes))
    return (sorted(group) for group in buckets.values() if len(group) > 1)


def _one_of_each_part(pieces: Sequence[Piece], indexes: Sequence[int]) -> list[int]:
    return list({pieces[index].part: index for index in reversed(indexes)}.values())


def _bands(held: frozenset[int]) -> Iterator[tuple[int, ...]]:
    turned = (_TURNS[0] | np.uint64(1)) * np.array([*held], dtype=np.uint64) + _TURNS[1]
    least = (turned >> _SHIFT).min(axis=1).tolist()  # (_COUNT, runs) -> (_COUNT,)
    return (tuple(least[at : at + BAND_ROWS]) for at in range(0, _COUNT, BAND_ROWS))

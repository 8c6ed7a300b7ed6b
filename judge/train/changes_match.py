"""Decide which right function stands beside each blamed one: the nearest in size. No I/O.

Longer functions are repaired more often, so that a judge of any two functions of a commit can look
good by counting lines. Beside each blamed function therefore stands one of about as many
characters that added about as many lines: of the same commit, or else of one of the same
repository within half a year that was about as large, since large commits have more functions to
choose from.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.evaluate.baselines import NoBaseline, Texts, added_lines, baseline
from judge.past import past_of

NEAR = 0.3  # most that either logarithm of a function's size may differ by
WIDE = 0.7  # the same of a commit's size
WINDOW_S = 183 * 86_400
SURFACES = ("length", "added_lines", "ngrams")
MOST_ROWS = 1_500  # that n-grams are measured on: more take minutes
PER_COMMIT = 8  # pairs: one great commit does not outweigh the others
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A row of a function as a change proposed it, and when, in seconds since 1970."""

    row: Row
    time: int

    @property
    def size(self) -> tuple[float, float]:
        """Logarithms of the lines that it added and of its characters."""
        return (
            math.log1p(added_lines(str(self.row["diff"]))),
            math.log(max(1, len(str(self.row["code"])))),
        )

    @property
    def spread(self) -> tuple[float, float]:
        """Logarithms of the commit's files and of its added lines."""
        held = dict(past_of(self.row["history"]))
        return math.log1p(held.get("files", 0.0)), math.log1p(held.get("added", 0.0))


def matched(wrong: Sequence[Proposed], right: Sequence[Proposed]) -> Iterator[dict[str, object]]:
    """Rows of pairs, the wrong one first, in the order of `wrong`; what has no partner is left out.

    Both rows of a pair have the task of the wrong one, and `pair`, the id of the wrong one.
    """
    partner: dict[int, int] = {}
    used: set[int] = set()
    per_commit: Counter[object] = Counter()
    for _, _, blamed, beside in sorted(_options(wrong, right)):
        commit = wrong[blamed].row["commit"]
        if blamed not in partner and beside not in used and per_commit[commit] < PER_COMMIT:
            partner[blamed] = beside
            used.add(beside)
            per_commit[commit] += 1
    for blamed, beside in sorted(partner.items()):
        told = {"task_id": wrong[blamed].row["task_id"], "pair": wrong[blamed].row["id"]}
        yield {**wrong[blamed].row, **told}
        yield {**right[beside].row, **told}


def _options(
    wrong: Sequence[Proposed], right: Sequence[Proposed]
) -> Iterator[tuple[bool, float, int, int]]:
    """Pairs that may be: whether of different commits, how far in size, and their indexes."""
    if not right:
        return
    sizes = np.array([one.size for one in right])  # (R, 2)
    spreads = np.array([one.spread for one in right])  # (R, 2)
    times = np.array([one.time for one in right])
    languages = np.array([str(one.row["language"]) for one in right])
    for blamed, one in enumerate(wrong):
        gaps = np.abs(sizes - np.array(one.size))
        may = (gaps.max(axis=1) <= NEAR) & (np.abs(times - one.time) <= WINDOW_S)
        may &= np.abs(spreads - np.array(one.spread)).max(axis=1) <= WIDE
        for beside in np.flatnonzero(may & (languages == one.row["language"])):
            other = right[int(beside)].row
            if not _is_same_function(one.row, other):
                is_apart = other["commit"] != one.row["commit"]
                yield is_apart, float(gaps[beside].sum()), blamed, int(beside)


def _is_same_function(one: Row, other: Row) -> bool:
    return (one["path"], one["function"]) == (other["path"], other["function"])


def surface_aucs(rows: Sequence[Row]) -> dict[str, float | None]:
    """AUC of each baseline that understands nothing; None where it cannot be had.

    Fewer characters, and fewer added lines, are taken for likelier right: below a half means that
    more are. N-grams are learnt from the rows of other tasks, of the first MOST_ROWS by id.
    """
    return {name: _surface_auc(name, rows) for name in SURFACES}


def _surface_auc(name: str, rows: Sequence[Row]) -> float | None:
    from sklearn.metrics import roc_auc_score

    if name == "ngrams":
        rows = sorted(rows, key=lambda row: str(row["id"]))[:MOST_ROWS]
    texts = Texts(
        code=[str(row["code"]) for row in rows],
        diffs=[str(row["diff"]) for row in rows],
        labels=np.array([row["label"] for row in rows], dtype=np.int64),
        tasks=[str(row["task_id"]) for row in rows],
    )
    try:
        told = baseline(name, texts)
        return round(float(roc_auc_score(texts.labels, told.score)), 4)
    except (NoBaseline, ValueError):
        return None

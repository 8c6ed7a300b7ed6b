"""Decide what a change looks like the other way round, and how its score turns. No I/O.

Who understands a change says of the one that takes it back roughly the opposite: the counterfactual
of ReDef (arXiv 2509.09192). Added lines become removed ones, and the code is as it was before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from judge.evaluate.intervals import RESAMPLES, SEED, Figure, difference, draws, interval, measure
from judge.evaluate.sample import F64, Sample
from judge.evaluate.weighted import ratio

_HEAD = re.compile(r"@@ -(\d+(?:,\d+)?) \+(\d+(?:,\d+)?) @@(.*)")


def turned(row: Mapping[str, object]) -> dict[str, object] | None:
    """`row` with its change taken back; None where nothing was there before, or nothing fits."""
    header, hunks = _hunks(str(row.get("diff") or ""))
    before = _taken_back(str(row.get("code") or "").split("\n"), hunks)
    if before is None or not "".join(before).strip():
        return None
    lines = [*header, *(line for head, body in hunks for line in (_turn(head), *_turn_all(body)))]
    return {**row, "code": "\n".join(before), "diff": "\n".join(lines) + "\n"}


def _hunks(diff: str) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The lines before the first hunk, and each hunk's own first line with its body."""
    header: list[str] = []
    hunks: list[tuple[str, list[str]]] = []
    for line in diff.removesuffix("\n").split("\n"):
        if _HEAD.match(line):
            hunks.append((line, []))
        elif hunks:
            hunks[-1][1].append(line)
        else:
            header.append(line)
    return header, hunks


def _turn(head: str) -> str:
    found = _HEAD.match(head)
    return f"@@ -{found.group(2)} +{found.group(1)} @@{found.group(3)}" if found else head


def _turn_all(body: Sequence[str]) -> Iterator[str]:
    """A hunk's lines with their marks exchanged; of each stretch, those removed come first."""
    added: list[str] = []
    for line in body:
        if line.startswith("-"):
            added.append("+" + line[1:])
        elif line.startswith("+"):
            yield "-" + line[1:]
        else:
            yield from added
            yield line
            added = []
    yield from added


def _taken_back(code: list[str], hunks: Sequence[tuple[str, list[str]]]) -> list[str] | None:
    """The lines before the change, or None where the hunks do not stand in `code` in order."""
    before: list[str] = []
    at = 0
    for _, body in hunks:
        new = [line[1:] for line in body if line[:1] in (" ", "+", "")]
        old = [line[1:] for line in body if line[:1] in (" ", "-", "")]
        start = next((n for n in range(at, len(code)) if code[n : n + len(new)] == new), None)
        if start is None:
            return None
        before += [*code[at:start], *old]
        at = start + len(new)
    return [*before, *code[at:]] if hunks else None


def turning(given: Sample, other: Sample, *, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """How scores of the same rows turn from `given` to `other`, where each change is taken back.

    `falls_where_right` and `rises_where_wrong` are one half for a judge that does not see the
    direction of a change, and 1 for one that understands it; then `auc_turned`, with the labels
    as they were, is far below one half. `calls_that_turn` is the share of rows on the other side
    of the threshold. Orders must be places in one ranking of both samples' scores.
    """
    one, two = (measure(each, resamples=resamples, names=("auc",)) for each in (given, other))
    moved = np.sign(other.order - given.order).astype(np.float64)
    right = given.labels == 1
    flips = (given.p >= given.threshold) != (other.p >= other.threshold)
    return {
        "auc": one.figures["auc"],
        "auc_turned": two.figures["auc"],
        "auc_falls_by": difference(one, two, "auc"),
        "falls_where_right": _share(given, (1 - moved) / 2, right.astype(np.float64), resamples),
        "rises_where_wrong": _share(given, (1 + moved) / 2, (~right).astype(np.float64), resamples),
        "calls_that_turn": _share(given, flips.astype(np.float64), np.ones(len(given)), resamples),
    }


def _share(sample: Sample, hit: F64, counted: F64, resamples: int) -> Figure:
    """The mean of `hit` (N,) over the rows that are `counted`, with its interval."""
    hits, counts = (
        np.bincount(sample.tasks, each, minlength=sample.task_count)
        for each in (hit * counted, counted)
    )
    n = int(counted.sum())
    if not n:
        return Figure(None, None, None, 0, "rows", "there are no such rows")
    drawn = [
        ratio(weights @ hits, weights @ counts)
        for weights in draws(sample.task_count, len(sample), resamples=resamples, seed=SEED)
    ]
    low, high = interval(np.concatenate(drawn), sample.task_count)
    return Figure(float(hits.sum() / n), low, high, n, "rows")

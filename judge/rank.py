"""Order the candidates of each task. Decides; no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from judge.agreement import agreement
from judge.stages import FILTERS, place_of

AGREEMENT_WEIGHT = 2.0  # of `judge.agreement`, in units of logit P(correct); see docs/judge.md
Merit = tuple[int, float, bool, float, float]  # compared from the left, higher is better
_EDGE = 1e-9  # probabilities are kept this far from 0 and 1


def rank_rows(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The same rows in the same order, each with `rank`: 1 is the likeliest of its `task_id`.

    Rows carry `p_correct`, and may carry `code`, `logit` and `abstained`. What a candidate has in
    common with the task's other candidates counts beside its own probability, where all rows of
    the task have code. A row that could not be judged stands behind all that could. Ties go to the
    higher logit, then to the row that came first. Rows without a `task_id` are candidates of one
    task. Raises ValueError for a row without a number in `p_correct`.
    """
    groups: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(repr(row.get("task_id")), []).append(index)
    ranks: dict[int, int] = {}
    for indices in groups.values():
        merits = dict(zip(indices, _merits([rows[index] for index in indices]), strict=True))
        best_first = sorted(indices, key=merits.__getitem__, reverse=True)
        ranks.update((index, rank) for rank, index in enumerate(best_first, start=1))
    return [{**row, "rank": ranks[index]} for index, row in enumerate(rows)]


def _merits(rows: Sequence[Mapping[str, object]]) -> list[Merit]:
    codes = [code for row in rows if isinstance(code := row.get("code"), str)]
    shared = agreement(codes) if len(codes) == len(rows) else [0.0] * len(rows)
    return [_merit(row, common) for row, common in zip(rows, shared, strict=True)]


def _merit(row: Mapping[str, object], common: float) -> Merit:
    p, logit = row.get("p_correct"), row.get("logit")
    ran = (place_of(row.get("stage")), _share_passed(row))
    if row.get("stage") in FILTERS and p is None:
        return *ran, False, 0.0, 0.0
    if not isinstance(p, int | float) or isinstance(p, bool):
        raise ValueError(f"p_correct is {p!r}: a row can be ranked after it was scored")
    bounded = min(max(float(p), _EDGE), 1 - _EDGE)
    return (
        *ran,
        not row.get("abstained", False),
        math.log(bounded / (1 - bounded)) + AGREEMENT_WEIGHT * common,
        float(logit) if isinstance(logit, int | float) else 0.0,
    )


def _share_passed(row: Mapping[str, object]) -> float:
    """Share of the task's examples that a row passes; 1 where nothing was run."""
    shown, passed = row.get("examples_shown"), row.get("examples_passed")
    if not isinstance(shown, int) or not isinstance(passed, int) or shown <= 0:
        return 1.0
    return passed / shown

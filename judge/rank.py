"""Order the candidates of each task. Decides; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def rank_rows(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The same rows in the same order, each with `rank`: 1 is the likeliest of its `task_id`.

    Rows carry `p_correct`, and may carry `logit` and `abstained`. A row that could not be judged
    stands behind all that could. Ties go to the higher logit, then to the row that came first.
    Rows without a `task_id` are candidates of one task. Raises ValueError for a row without a
    number in `p_correct`.
    """
    groups: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(repr(row.get("task_id")), []).append(index)
    ranks: dict[int, int] = {}
    for indices in groups.values():
        best_first = sorted(indices, key=lambda index: _merit(rows[index]), reverse=True)
        ranks.update((index, rank) for rank, index in enumerate(best_first, start=1))
    return [{**row, "rank": ranks[index]} for index, row in enumerate(rows)]


def _merit(row: Mapping[str, object]) -> tuple[bool, float, float]:
    p, logit = row.get("p_correct"), row.get("logit")
    if not isinstance(p, int | float) or isinstance(p, bool):
        raise ValueError(f"p_correct is {p!r}: a row can be ranked after it was scored")
    return (
        not row.get("abstained", False),
        float(p),
        float(logit) if isinstance(logit, int | float) else 0.0,
    )

"""Acts: keeps which lines lower the verdicts of a review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, delete, insert, select

from judge.types import Evidence
from worker.store.engine import reading, writing
from worker.store.talk_tables import evidence


def save(engine: Engine, review_id: int, found: Mapping[int, Sequence[Evidence]]) -> None:
    """Keep the evidence of a review by its snippets' positions, in place of what was there."""
    rows = [
        {
            "review_id": review_id,
            "position": position,
            "start_line": one.start_line,
            "end_line": one.end_line,
            "p_without": one.p_without,
        }
        for position, pieces in found.items()
        for one in pieces
    ]
    with writing(engine) as connection:
        connection.execute(delete(evidence).where(evidence.c.review_id == review_id))
        if rows:
            connection.execute(insert(evidence), rows)


def of_review(engine: Engine, review_id: int) -> Mapping[int, tuple[Evidence, ...]]:
    """The evidence of a review by its snippets' positions, the strongest first."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    with reading(engine) as connection:
        rows = connection.execute(
            select(evidence)
            .where(evidence.c.review_id == review_id)
            .order_by(evidence.c.position, evidence.c.p_without.desc(), evidence.c.start_line)
        )
        for row in rows:
            found[row.position].append(Evidence(row.start_line, row.end_line, row.p_without))
    return {position: tuple(pieces) for position, pieces in found.items()}

"""Acts: keeps the verdicts of a large change slice by slice, and gives it back in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select, update

from judge.types import Snippet, Verdict
from worker.store import snippets as stored
from worker.store.engine import reading, writing
from worker.store.tables import UNTRIED, reviews, snippets
from worker.turns import set_back
from worker.types import State


@dataclass(frozen=True, slots=True)
class Slice:
    """What to judge next of a review.

    first  position of the first snippet; those before it have their verdicts
    rest   how many are left after this slice, >= 0
    """

    first: int
    snippets: tuple[Snippet, ...]
    rest: int


def next_slice(engine: Engine, review_id: int, *, limit: int) -> Slice:
    """The next `limit` snippets of a review that have no verdict, in the order of its diff."""
    with reading(engine) as connection:
        total, judged = connection.execute(
            select(func.count(), func.count(snippets.c.p_correct)).where(
                snippets.c.review_id == review_id
            )
        ).one()
    found = stored.to_judge(engine, review_id, first=judged, limit=limit)
    return Slice(judged, found, total - judged - len(found))


def save_slice(
    engine: Engine,
    review_id: int,
    verdicts: Sequence[Verdict],
    *,
    first: int,
    spent_s: float,
    now: datetime,
    due_at: datetime,
) -> bool:
    """Keep the verdicts of the snippets from `first` on, and let others have their turn.

    The review stays prepared. False where it is not, or where somebody else judged the slice.
    """
    with writing(engine) as connection:
        row = connection.execute(
            select(reviews.c.turn_at, reviews.c.score_s)
            .where(reviews.c.id == review_id, reviews.c.state == State.PREPARED.value)
            .with_for_update()
        ).one_or_none()
        judged = connection.execute(
            select(func.count(snippets.c.p_correct)).where(snippets.c.review_id == review_id)
        ).scalar_one()
        if row is None or judged != first:
            return False
        connection.execute(
            update(reviews)
            .where(reviews.c.id == review_id)
            .values(
                **UNTRIED,
                turn_at=set_back(row.turn_at, len(verdicts)),
                score_s=(row.score_s or 0.0) + spent_s,
                due_at=due_at,
                updated_at=now,
            )
        )
        stored.write_verdicts(connection, review_id, verdicts, first=first)
        return True

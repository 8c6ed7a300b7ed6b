"""Acts: finds the reviews that nobody touched in time, each for one sweeper only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from worker.store.engine import reading, writing
from worker.store.tables import reviews
from worker.types import State


@dataclass(frozen=True, slots=True)
class Due:
    """A review to send again."""

    review_id: int
    state: State


def claim_due(
    engine: Engine, *, now: datetime, wait_s: Callable[[int], float], limit: int = 500
) -> list[Due]:
    """Reviews whose time has come, the longest overdue first; each is returned once.

    wait_s  seconds until a review is due again, from how often it was sent again before
    """
    with reading(engine) as connection:
        found = connection.execute(
            select(reviews.c.id, reviews.c.state, reviews.c.sends, reviews.c.due_at)
            .where(reviews.c.due_at <= now)
            .order_by(reviews.c.due_at)
            .limit(limit)
        ).all()
    claimed = []
    for review_id, state, sends, due_at in found:
        with writing(engine) as connection:
            done = connection.execute(
                update(reviews)
                .where(reviews.c.id == review_id, reviews.c.due_at == due_at)
                .values(sends=sends + 1, due_at=now + timedelta(seconds=wait_s(sends)))
            )
        if done.rowcount == 1:
            claimed.append(Due(review_id, State(state)))
    return claimed


def give_back(engine: Engine, due: Due, *, now: datetime) -> None:
    """Make a claimed review due at once again: it could not be sent."""
    with writing(engine) as connection:
        connection.execute(
            update(reviews)
            .where(reviews.c.id == due.review_id, reviews.c.due_at > now)
            .values(due_at=now)
        )

"""Acts: says how many reviews wait for each stage, and how long the first has waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from worker.store.deliveries import UNFINISHED
from worker.store.engine import reading
from worker.store.page_tables import review_events
from worker.store.tables import reviews
from worker.types import State

# When a review was queued last: one that is asked for again has not waited since its creation.
_ASKED_FOR = func.coalesce(
    select(func.max(review_events.c.at))
    .where(review_events.c.review_id == reviews.c.id, review_events.c.event == State.QUEUED.value)
    .scalar_subquery(),
    reviews.c.created_at,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Unfinished reviews in one state. `oldest_s` is 0 where there is none."""

    count: int
    oldest_s: float


def waiting(engine: Engine, *, now: datetime) -> Mapping[str, Waiting]:
    """By state; every unfinished state is there. The cost grows with the backlog alone."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(reviews.c.state, func.count(), func.min(_ASKED_FOR))
            .where(reviews.c.state.in_(UNFINISHED))
            .group_by(reviews.c.state)
        ).all()
    found = {
        state: Waiting(count, max((now - oldest).total_seconds(), 0.0))
        for state, count, oldest in rows
    }
    return {state: found.get(state, Waiting(0, 0.0)) for state in UNFINISHED}

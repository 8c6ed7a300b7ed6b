"""Acts: claims a review row for a stage of its review, each for one worker only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, FromClause, and_, func, or_, select, true, update

from worker.store.deliveries import UNFINISHED
from worker.store.engine import reading, writing
from worker.store.reviews import SELECT, StoredReview, stored
from worker.store.tables import reviews
from worker.turns import COUNTED
from worker.types import State


def begin(
    engine: Engine,
    review_id: int,
    states: Sequence[State],
    *,
    now: datetime,
    lease_s: float,
    is_exclusive: bool,
    is_forced: bool = False,
) -> StoredReview | None:
    """Claim a review for a stage for `lease_s` seconds and count the attempt, in one statement.

    is_exclusive  no other worker may begin meanwhile; without it a stage may run twice at
                  once, which for pure work is only a waste and heals a killed child at once
    is_forced     begin even where another worker holds the review: that one is known to be dead

    Returns the row as it was before, or None: not in one of `states`, with no check to close
    if it has ended, held by another worker, or postponed. A worker that dies lets its lease
    run out, and the sweep sends the row again.
    """
    free = true() if is_forced else _is_free(now)
    wanted = and_(reviews.c.id == review_id, _stands_in(states), free)
    return _claim(engine, wanted, now=now, lease_s=lease_s, is_exclusive=is_exclusive)


def begin_next(
    engine: Engine,
    states: Sequence[State],
    *,
    now: datetime,
    lease_s: float,
    per_installation: int,
) -> StoredReview | None:
    """Claim the free review whose turn it is, as `begin` does; None where there is none.

    per_installation  stages of one installation that may run at once; more of it are left
    """
    others = reviews.alias()
    busy = (
        select(others.c.installation_id)
        .where(
            others.c.busy_until > now, others.c.attempts > 0, others.c.installation_id.is_not(None)
        )
        .group_by(others.c.installation_id)
        .having(func.count() >= per_installation)
    )
    candidates = reviews.alias()
    first = (
        select(candidates.c.id)
        .where(
            candidates.c.state.in_([state.value for state in states]),
            or_(candidates.c.busy_until.is_(None), candidates.c.busy_until <= now),
            or_(candidates.c.installation_id.is_(None), candidates.c.installation_id.not_in(busy)),
        )
        .order_by(candidates.c.turn_at, candidates.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return _claim(engine, reviews.c.id == first, now=now, lease_s=lease_s, is_exclusive=True)


def waiting_beside(
    engine: Engine, review_id: int, states: Sequence[State], *, now: datetime
) -> int:
    """How many reviews of its installation could be begun now, were it not for its limit, a review
    itself included, at most COUNTED; 0 where that one could not."""
    named, beside = reviews.alias(), reviews.alias()
    wanted = and_(named.c.id == review_id, _stands_in(states, named), _is_free(now, named))
    others = (
        select(beside.c.id)
        .join(named, named.c.installation_id.is_not_distinct_from(beside.c.installation_id))
        .where(wanted, _stands_in(states, beside), _is_free(now, beside))
        .limit(COUNTED)
    )
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(others.subquery())).scalar_one()


def _claim(
    engine: Engine,
    wanted: ColumnElement[bool],
    *,
    now: datetime,
    lease_s: float,
    is_exclusive: bool,
) -> StoredReview | None:
    until = now + timedelta(seconds=lease_s)
    claim = (
        update(reviews)
        .where(wanted)
        .values(
            attempts=reviews.c.attempts + 1,
            check_was_open=reviews.c.check_open,
            check_open=reviews.c.check_open | (reviews.c.state == State.QUEUED.value),
            busy_until=until if is_exclusive else None,
            due_at=until,
            updated_at=now,
        )
        .returning(*SELECT.selected_columns)
    )
    with writing(engine) as connection:
        row = connection.execute(claim).one_or_none()
        if row is None:
            return None
        claimed = stored(row)
        return replace(claimed, attempts=claimed.attempts - 1, check_open=row.check_was_open)


def _stands_in(states: Sequence[State], row: FromClause = reviews) -> ColumnElement[bool]:
    """In one of `states`; what has ended is wanted only while its check is open."""
    return and_(
        row.c.state.in_([state.value for state in states]),
        or_(row.c.state.in_(UNFINISHED), row.c.check_open),
    )


def _is_free(now: datetime, row: FromClause = reviews) -> ColumnElement[bool]:
    return or_(row.c.busy_until.is_(None), row.c.busy_until <= now)

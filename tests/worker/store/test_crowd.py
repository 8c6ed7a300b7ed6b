"""What comes together is recorded as it would be one by one, with fewer statements."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from worker.jobs import ChangeRef, ReviewJob
from worker.store import crowd, deliveries
from worker.store.engine import reading
from worker.store.page_tables import review_events
from worker.store.tables import deliveries as deliveries_table
from worker.store.tables import reviews

ONE_BY_ONE, TOGETHER = ("octo/one", 9), ("octo/crowd", 10)


def job(
    delivery_id: str,
    *,
    number: int = 7,
    head_sha: str = "a1",
    where: tuple[str, int] = TOGETHER,
    is_again: bool = False,
) -> ReviewJob:
    repo, installation = where
    change = ChangeRef("github", repo, number, head_sha)
    return ReviewJob(change, f"{repo} {delivery_id}", "x", installation, is_again)


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def seen(engine: Engine, repo: str) -> Sequence[object]:
    """All that the database knows about a repository, without ids and times."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(
                reviews.c.number,
                reviews.c.head_sha,
                reviews.c.state,
                reviews.c.reason,
                select(func.count())
                .select_from(deliveries_table)
                .where(deliveries_table.c.review_id == reviews.c.id)
                .scalar_subquery(),
                select(func.count())
                .select_from(review_events)
                .where(review_events.c.review_id == reviews.c.id)
                .scalar_subquery(),
            )
            .where(reviews.c.repo == repo)
            .order_by(reviews.c.number, reviews.c.head_sha)
        )
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_together_or_one_by_one_leaves_the_same_rows(
    engine: Engine, now: datetime, seed: int
) -> None:
    chance = random.Random(seed)
    plan = [
        (f"d{chance.randrange(30)}", chance.randrange(1, 6), f"a{chance.randrange(3)}")
        for _ in range(60)
    ]
    told = {ONE_BY_ONE: [], TOGETHER: []}
    for delivery_id, number, head in plan:
        one = job(delivery_id, number=number, head_sha=head, where=ONE_BY_ONE)
        told[ONE_BY_ONE].append(deliveries.record(engine, one, now=now).is_new)
    for at in range(0, 60, 6):
        jobs = [job(i, number=n, head_sha=h) for i, n, h in plan[at : at + 6]]
        told[TOGETHER] += [one.is_new for one in crowd.record_all(engine, jobs, now=now)]
    assert told[TOGETHER] == told[ONE_BY_ONE]
    assert seen(engine, "octo/crowd") == seen(engine, "octo/one") != []


def test_the_turns_of_a_round_are_those_of_a_queue(engine: Engine, now: datetime) -> None:
    """Of six changes in two repositories of one installation, two of which wait already."""
    turns = []
    for owner, installation in (("one", 9), ("crowd", 10)):
        jobs = [
            job(f"d{n}", number=n, where=(f"{owner}/r{n % 2}", installation)) for n in range(1, 7)
        ]
        for one in jobs[:2]:
            deliveries.record(engine, one, now=now)
        if owner == "crowd":
            crowd.record_all(engine, jobs[2:], now=now)
        else:
            for one in jobs[2:]:
                deliveries.record(engine, one, now=now)
        with reading(engine) as connection:
            found = select(reviews.c.turn_at).where(reviews.c.installation_id == installation)
            turns.append(list(connection.execute(found.order_by(reviews.c.number)).scalars()))
    assert turns[0] == turns[1]
    assert len(set(turns[0])) == 6


def test_a_crowd_costs_no_more_statements_than_two(engine: Engine, now: datetime) -> None:
    statements: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _cursor, said, *_rest: statements.append(said)
    )
    crowd.record_all(engine, [job(f"a{n}", number=n) for n in range(1, 3)], now=now)
    of_two = len(statements)
    crowd.record_all(engine, [job(f"b{n}", number=n) for n in range(3, 35)], now=now)
    assert len(statements) == 2 * of_two
    assert count(engine, reviews) == 34


def test_what_is_recorded_together_is_all_there_or_not_at_all(
    engine: Engine, now: datetime
) -> None:
    together = [job("d1", number=1), job("d2", number=2), job("d1", number=1)]
    first, second, again = crowd.record_all(engine, together, now=now)
    assert (first.is_new, second.is_new) == (True, True)
    assert again == deliveries.Recorded(first.review_id, is_new=False)
    impossible = job("d4", number=1 << 70)
    with pytest.raises((OverflowError, SQLAlchemyError)):
        crowd.record_all(engine, [job("d3", number=3), impossible], now=now)
    assert count(engine, deliveries_table) == 2


def test_a_round_ends_what_goes_on_for_older_heads(engine: Engine, now: datetime) -> None:
    crowd.record_all(engine, [job("d1", number=1), job("d2", number=2)], now=now)
    newer = [job("d3", number=1, head_sha="b2"), job("d4", number=3)]
    assert [one.is_new for one in crowd.record_all(engine, newer, now=now)] == [True, True]
    states = {(number, head): state for number, head, state, *_ in seen(engine, "octo/crowd")}
    assert states == {
        (1, "a1"): "superseded",
        (1, "b2"): "queued",
        (2, "a1"): "queued",
        (3, "a1"): "queued",
    }

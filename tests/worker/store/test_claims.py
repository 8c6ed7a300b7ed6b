from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge.types import Snippet, SnippetKind, Verdict
from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, claims, deliveries, reviews, slices, snippets
from worker.store.reviews import StoredReview
from worker.types import State

Deliver = Callable[..., int]
ONE_LINE = Snippet("a.py", "python", 1, 1, "x", SnippetKind.HUNK)
VERDICT = Verdict(0.25, -1.5, "small 1.0")


@pytest.fixture
def deliver(engine: Engine, now: datetime) -> Deliver:
    def one(repo: str, number: int, *, installation: int | None = None, at_s: float = 0) -> int:
        job = ReviewJob(
            ChangeRef("github", repo, number, "a1"), f"{repo}{number}", "opened", installation
        )
        return deliveries.record(engine, job, now=now + timedelta(seconds=at_s)).review_id

    return one


def take(
    engine: Engine, now: datetime, *, state: State = State.QUEUED, limit: int = 8
) -> StoredReview | None:
    return claims.begin_next(engine, [state], now=now, lease_s=60, per_installation=limit)


def taken(engine: Engine, now: datetime, *, n: int) -> list[str]:
    rows = [take(engine, now) for _ in range(n)]
    return [row.change.repo for row in rows if row is not None]


def prepare(engine: Engine, review_id: int, now: datetime, *, n: int) -> None:
    assert arrows.save_prepared(
        engine,
        review_id,
        base_sha="base",
        title="",
        rules=None,
        to_judge=[ONE_LINE] * n,
        left_out=[],
        spent_s=1,
        now=now,
        due_at=now,
    )


def test_a_busy_repository_does_not_hold_up_a_quiet_one(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    for number in range(5):
        deliver("octo/busy", number)
    deliver("octo/quiet", 1, at_s=20)
    assert taken(engine, now, n=3) == ["octo/busy", "octo/quiet", "octo/busy"]


def test_a_busy_installation_does_not_hold_up_a_quiet_one(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    for number in range(9):
        deliver(f"busy/r{number}", 1, installation=1)
    deliver("quiet/r", 1, installation=2, at_s=10)
    assert taken(engine, now, n=5)[4] == "quiet/r"


def test_an_installation_has_no_more_running_than_its_limit(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    ids = [deliver(f"busy/r{number}", 1, installation=1) for number in range(3)]
    other = deliver("quiet/r", 1, installation=2, at_s=9)
    first = take(engine, now, limit=1)
    second = take(engine, now, limit=1)
    assert first is not None
    assert second is not None
    assert {first.id, second.id} == {ids[0], other}
    assert take(engine, now, limit=1) is None
    assert claims.waiting_beside(engine, ids[1], [State.QUEUED], now=now) == 2
    assert claims.waiting_beside(engine, ids[0], [State.QUEUED], now=now) == 0
    prepare(engine, ids[0], now, n=1)
    third = take(engine, now, limit=1)
    assert third is not None
    assert third.id == ids[1]


def test_a_review_is_claimed_once_however_many_ask(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    ids = [deliver("octo/hello", number) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        rows = list(pool.map(lambda _: take(engine, now), range(12)))
    assert sorted(row.id for row in rows if row is not None) == ids


def test_a_claim_shows_the_row_as_it_was_before(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    deliver("octo/hello", 1)
    row = take(engine, now)
    assert row is not None
    assert (row.attempts, row.check_open, row.delivery_id) == (0, False, "octo/hello1")
    again = take(engine, now + timedelta(seconds=61))
    assert again is not None
    assert (again.attempts, again.check_open) == (1, True)


def test_a_dead_worker_s_claim_can_be_taken_over(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    review_id = deliver("octo/hello", 1)
    take(engine, now)
    forced = claims.begin(
        engine,
        review_id,
        [State.QUEUED],
        now=now,
        lease_s=60,
        is_exclusive=True,
        is_forced=True,
    )
    assert forced is not None


def test_a_small_change_is_judged_before_a_large_one_that_came_earlier(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    large, small = deliver("octo/large", 1), deliver("octo/small", 1, at_s=30)
    prepare(engine, large, now, n=100)
    prepare(engine, small, now, n=2)
    row = take(engine, now, state=State.PREPARED)
    assert row is not None
    assert row.id == small


def test_a_large_change_is_judged_slice_by_slice(
    engine: Engine, now: datetime, deliver: Deliver
) -> None:
    review_id = deliver("octo/large", 1)
    prepare(engine, review_id, now, n=5)
    take(engine, now, state=State.PREPARED)

    def save(part: slices.Slice) -> bool:
        return slices.save_slice(
            engine,
            review_id,
            [VERDICT] * len(part.snippets),
            first=part.first,
            spent_s=2.0,
            now=now,
            due_at=now,
        )

    part = slices.next_slice(engine, review_id, limit=2)
    assert (part.first, len(part.snippets), part.rest) == (0, 2, 3)
    assert save(part)
    assert not save(part)  # a second worker with the same slice changes nothing
    assert take(engine, now, state=State.PREPARED) is not None
    last = slices.next_slice(engine, review_id, limit=9)
    assert (last.first, len(last.snippets), last.rest) == (2, 3, 0)
    assert arrows.save_scored(
        engine, review_id, [VERDICT] * 3, first=2, spent_s=3.0, now=now, due_at=now
    )
    assert len(snippets.judged(engine, review_id)) == 5
    row = reviews.get(engine, review_id)
    assert row is not None
    assert (row.state, row.score_s) == (State.SCORED, 5.0)

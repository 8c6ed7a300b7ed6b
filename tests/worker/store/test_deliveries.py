from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, claims, deliveries, reviews
from worker.store.engine import reading, writing
from worker.store.sweep import claim_due
from worker.store.tables import deliveries as deliveries_table
from worker.store.tables import reviews as reviews_table
from worker.types import State


def job(delivery_id: str, *, head_sha: str = "a1", number: int = 7) -> ReviewJob:
    change = ChangeRef("github", "octo/hello", number, head_sha)
    return ReviewJob(change, delivery_id, "pull_request.opened", installation_id=9)


def states(engine: Engine) -> dict[str, str]:
    rows = reviews.of_change(engine, forge="github", repo="octo/hello", number=7)
    return {row.change.head_sha: row.state.value for row in rows}


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_delivery_becomes_a_queued_review(engine: Engine, now: datetime) -> None:
    recorded = deliveries.record(engine, job("d1"), now=now)
    row = reviews.get(engine, recorded.review_id)
    assert recorded.is_new
    assert row is not None
    assert (row.change, row.state, row.installation_id, row.delivery_id) == (
        job("d1").change,
        State.QUEUED,
        9,
        "d1",
    )
    assert row.created_at == row.updated_at == now


def test_a_redelivery_changes_nothing(engine: Engine, now: datetime) -> None:
    first = deliveries.record(engine, job("d1"), now=now)
    again = deliveries.record(engine, job("d1"), now=now + timedelta(hours=1))
    assert again == deliveries.Recorded(first.review_id, is_new=False)
    assert count(engine, deliveries_table) == 1


def test_the_same_delivery_id_of_another_forge_is_another_delivery(
    engine: Engine, now: datetime
) -> None:
    deliveries.record(engine, job("d1"), now=now)
    elsewhere = ReviewJob(ChangeRef("gitlab", "octo/hello", 7, "a1"), "d1", "merge_request.open")
    assert deliveries.record(engine, elsewhere, now=now).is_new


def test_two_deliveries_for_one_head_share_a_review(engine: Engine, now: datetime) -> None:
    first = deliveries.record(engine, job("d1"), now=now)
    second = deliveries.record(engine, job("d2"), now=now)
    assert second == deliveries.Recorded(first.review_id, is_new=False)
    assert count(engine, deliveries_table) == 2
    assert count(engine, reviews_table) == 1


def test_a_newer_head_supersedes_the_unfinished_reviews_of_its_change(
    engine: Engine, now: datetime
) -> None:
    deliveries.record(engine, job("d1", head_sha="a1"), now=now)
    deliveries.record(engine, job("d2", head_sha="b2"), now=now)
    other = deliveries.record(engine, job("d3", head_sha="c3", number=8), now=now)
    assert states(engine) == {"a1": "superseded", "b2": "queued"}
    untouched = reviews.get(engine, other.review_id)
    assert untouched is not None
    assert untouched.state is State.QUEUED


@pytest.mark.parametrize("state", [State.QUEUED, State.PREPARED, State.SCORED])
def test_whatever_is_unfinished_is_superseded_and_its_conclusion_starts_untried(
    engine: Engine, now: datetime, state: State
) -> None:
    old = deliveries.record(engine, job("d1", head_sha="a1"), now=now).review_id
    tried = {"attempts": 2, "postponed": 3, "sends": 4, "state": state.value}
    with writing(engine) as connection:
        connection.execute(update(reviews_table).values(tried))
    deliveries.record(engine, job("d2", head_sha="b2"), now=now)
    row = reviews.get(engine, old)
    assert row is not None
    assert (row.state, row.attempts, row.postponed) == (State.SUPERSEDED, 0, 0)


def test_what_has_ended_is_not_superseded(engine: Engine, now: datetime) -> None:
    old = deliveries.record(engine, job("d1", head_sha="a1"), now=now).review_id
    for state in (State.PUBLISHED, State.FAILED, State.IGNORED):
        with writing(engine) as connection:
            connection.execute(
                update(reviews_table).where(reviews_table.c.id == old).values(state=state.value)
            )
        deliveries.record(engine, job(f"d-{state.value}", head_sha="b2"), now=now)
        row = reviews.get(engine, old)
        assert row is not None
        assert row.state is state


def test_a_worker_on_a_superseded_review_keeps_its_claim(engine: Engine, now: datetime) -> None:
    old = deliveries.record(engine, job("d1", head_sha="a1"), now=now).review_id
    claims.begin(engine, old, [State.QUEUED], now=now, lease_s=60, is_exclusive=True)
    deliveries.record(engine, job("d2", head_sha="b2"), now=now)
    ended = {"states": [State.SUPERSEDED], "lease_s": 60, "is_exclusive": True}
    assert claims.begin(engine, old, **ended, now=now) is None
    assert claims.begin(engine, old, **ended, now=now + timedelta(seconds=61)) is not None


def test_a_superseded_review_with_an_open_check_is_due_for_its_conclusion(
    engine: Engine, now: datetime
) -> None:
    old = deliveries.record(engine, job("d1", head_sha="a1"), now=now).review_id
    claims.begin(engine, old, [State.QUEUED], now=now, lease_s=60, is_exclusive=True)
    deliveries.record(engine, job("d2", head_sha="b2"), now=now)
    due = claim_due(engine, now=now, wait_s=lambda _: 60)
    assert [(one.review_id, one.state) for one in due] == [(old, State.SUPERSEDED)]


def test_a_superseded_review_without_a_check_is_never_due(engine: Engine, now: datetime) -> None:
    deliveries.record(engine, job("d1", head_sha="a1"), now=now)
    newer = deliveries.record(engine, job("d2", head_sha="b2"), now=now).review_id
    due = claim_due(engine, now=now + timedelta(days=1), wait_s=lambda _: 60)
    assert [one.review_id for one in due] == [newer]


def test_a_head_that_comes_back_is_reviewed_again(engine: Engine, now: datetime) -> None:
    first = deliveries.record(engine, job("d1", head_sha="a1"), now=now)
    deliveries.record(engine, job("d2", head_sha="b2"), now=now)
    back = deliveries.record(engine, job("d3", head_sha="a1"), now=now)
    assert back == deliveries.Recorded(first.review_id, is_new=True)
    assert states(engine) == {"a1": "queued", "b2": "superseded"}


def test_a_failed_or_ignored_review_starts_again_at_the_next_delivery(
    engine: Engine, now: datetime
) -> None:
    for number, end in enumerate((State.FAILED, State.IGNORED), start=20):
        review_id = deliveries.record(engine, job(f"a{number}", number=number), now=now).review_id
        arrows.end(engine, review_id, end, reason="gone", check_open=False, now=now)
        again = deliveries.record(engine, job(f"b{number}", number=number), now=now)
        row = reviews.get(engine, review_id)
        assert again.is_new
        assert row is not None
        assert (row.state, row.reason) == (State.QUEUED, "")


def test_sixteen_threads_with_one_head_make_one_review(engine: Engine, now: datetime) -> None:
    with ThreadPoolExecutor(16) as pool:
        recorded = list(
            pool.map(lambda n: deliveries.record(engine, job(f"d{n % 8}"), now=now), range(64))
        )
    assert sum(one.is_new for one in recorded) == 1
    assert count(engine, reviews_table) == 1
    assert count(engine, deliveries_table) == 8

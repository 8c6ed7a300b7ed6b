from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from worker.jobs import ChangeRef, ReviewJob
from worker.store import deliveries
from worker.store.sweep import Due, claim_due, give_back
from worker.types import State


def record(engine: Engine, number: int, now: datetime) -> int:
    change = ChangeRef("github", "octo/hello", number, "a1")
    return deliveries.record(engine, ReviewJob(change, f"d{number}", "x"), now=now).review_id


def test_a_message_has_its_time_in_the_queue_before_it_counts_as_lost(
    engine: Engine, now: datetime
) -> None:
    review_id = record(engine, 1, now)
    assert claim_due(engine, now=now + timedelta(seconds=19), wait_s=lambda _: 60) == []
    due = claim_due(engine, now=now + timedelta(seconds=21), wait_s=lambda _: 60)
    assert due == [Due(review_id, State.QUEUED)]


def test_each_review_is_claimed_by_one_sweep_only(engine: Engine, now: datetime) -> None:
    record(engine, 1, now)
    late = now + timedelta(seconds=30)
    assert len(claim_due(engine, now=late, wait_s=lambda _: 60)) == 1
    assert claim_due(engine, now=late, wait_s=lambda _: 60) == []


def test_the_wait_grows_with_every_send(engine: Engine, now: datetime) -> None:
    record(engine, 1, now)
    asked: list[int] = []

    def wait_s(sends: int) -> float:
        asked.append(sends)
        return 10.0

    for minutes in (1, 2, 3):
        claim_due(engine, now=now + timedelta(minutes=minutes), wait_s=wait_s)
    assert asked == [0, 1, 2]


def test_the_longest_overdue_come_first_up_to_the_limit(engine: Engine, now: datetime) -> None:
    ids = [record(engine, n, now - timedelta(minutes=n)) for n in (1, 3, 2)]
    due = claim_due(engine, now=now, wait_s=lambda _: 60, limit=2)
    assert [one.review_id for one in due] == [ids[1], ids[2]]


def test_what_could_not_be_sent_is_due_at_once(engine: Engine, now: datetime) -> None:
    record(engine, 1, now)
    late = now + timedelta(seconds=30)
    (due,) = claim_due(engine, now=late, wait_s=lambda _: 3600)
    give_back(engine, due, now=late)
    assert claim_due(engine, now=late, wait_s=lambda _: 60) == [due]

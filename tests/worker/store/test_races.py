"""What two transactions on PostgreSQL do to each other, step by step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from judge.shrink import Adjustment
from worker.feedback import Learnt
from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, deliveries, learning, reviews
from worker.store.engine import one_at_a_time, reading, writing
from worker.store.learning import Taught
from worker.types import State

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

CHANGE = ChangeRef("github", "octo/hello", 7, "a1")
NEWER = replace(CHANGE, head_sha="b2")


def wait_for_a_waiter(engine: Engine) -> None:
    """Return once some transaction waits for another one."""
    for _ in range(20_000):
        with reading(engine) as connection:
            if connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first():
                return
    raise AssertionError("nobody waits")


def test_a_delivery_and_a_worker_that_see_a_newer_head_at_once_do_not_lock_each_other_out(
    engine: Engine, now: datetime
) -> None:
    job = ReviewJob(CHANGE, "d1", "pull_request.opened")
    old = reviews.get(engine, deliveries.record(engine, job, now=now).review_id)
    assert old is not None
    with ThreadPoolExecutor(1) as worker:
        with writing(engine) as delivery:
            one_at_a_time(delivery, CHANGE.forge, CHANGE.repo, CHANGE.number)
            seen = worker.submit(arrows.supersede, engine, old, NEWER, check_open=False, now=now)
            wait_for_a_waiter(engine)
            newer = ReviewJob(NEWER, "d2", "pull_request.synchronize")
            deliveries.record_one(delivery, newer, now=now, send_again_s=20)
        assert seen.result() is None
    states = [
        one.state for one in reviews.of_change(engine, forge="github", repo="octo/hello", number=7)
    ]
    assert states == [State.SUPERSEDED, State.QUEUED]


def test_two_people_who_teach_a_repository_at_once_are_both_heard(
    engine: Engine, now: datetime
) -> None:
    taught = [Taught("judge", Learnt(Adjustment(1.0, 0.5, 20.0), 20, 3), now)]
    with ThreadPoolExecutor(1) as other:
        with writing(engine) as first:
            learning.replace_taught(first, "github", "octo/hello", taught)
            second = other.submit(_teach, engine, taught)
            wait_for_a_waiter(engine)
        second.result()
    assert learning.of_repo(engine, forge="github", repo="octo/hello") == taught


def _teach(engine: Engine, taught: list[Taught]) -> None:
    with writing(engine) as connection:
        learning.replace_taught(connection, "github", "octo/hello", taught)

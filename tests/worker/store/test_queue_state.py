from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, deliveries
from worker.store.queue_state import Waiting, waiting
from worker.types import State

CHANGE = ChangeRef("github", "octo/hello", 7, "a1")


def test_a_review_waits_from_when_it_was_asked_for(engine: Engine, now: datetime) -> None:
    deliveries.record(engine, ReviewJob(CHANGE, "d1", "x"), now=now)
    found = waiting(engine, now=now + timedelta(seconds=40))
    assert found == {
        "queued": Waiting(1, 40.0),
        "prepared": Waiting(0, 0.0),
        "scored": Waiting(0, 0.0),
    }


def test_a_review_that_is_asked_for_again_waits_from_then(engine: Engine, now: datetime) -> None:
    first = deliveries.record(engine, ReviewJob(CHANGE, "d1", "x"), now=now).review_id
    arrows.end(engine, first, State.FAILED, reason="no diff", check_open=False, now=now)
    again = now + timedelta(days=3)
    deliveries.record(engine, ReviewJob(CHANGE, "d2", "x"), now=again)
    assert waiting(engine, now=again + timedelta(seconds=5))["queued"] == Waiting(1, 5.0)

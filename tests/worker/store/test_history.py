from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, history
from worker.store.deliveries import record
from worker.types import State

CHANGE = ChangeRef("github", "octo/hello", 7, "a" * 40)
NEWER = ChangeRef("github", "octo/hello", 7, "b" * 40)


def job(change: ChangeRef, delivery: str) -> ReviewJob:
    return ReviewJob(change, delivery, "pull_request.opened")


def test_everything_that_happens_to_a_review_is_told_in_order(
    engine: Engine, now: datetime
) -> None:
    review_id = record(engine, job(CHANGE, "d1"), now=now).review_id
    arrows.save_prepared(
        engine,
        review_id,
        base_sha="c" * 40,
        title="t",
        rules=None,
        to_judge=(),
        left_out=(),
        spent_s=0.1,
        now=now + timedelta(seconds=1),
        due_at=now,
    )
    record(engine, job(NEWER, "d2"), now=now + timedelta(seconds=2))
    told = history.events(engine, review_id)
    assert [one.event for one in told] == ["queued", "delivered", "prepared", "superseded"]
    assert told[-1].detail.startswith("a newer head, bbbbbbbbbbbb")


def test_a_move_that_did_not_happen_is_no_event(engine: Engine, now: datetime) -> None:
    review_id = record(engine, job(CHANGE, "d1"), now=now).review_id
    for _ in range(2):
        arrows.end(
            engine, review_id, State.FAILED, reason="it cannot be read", check_open=False, now=now
        )
    told = history.events(engine, review_id)
    assert [(one.event, one.detail) for one in told if one.event == "failed"] == [
        ("failed", "it cannot be read")
    ]


def test_a_diff_is_kept_as_it_was_read(engine: Engine, now: datetime) -> None:
    review_id = record(engine, job(CHANGE, "d1"), now=now).review_id
    for text in ("first", "diff \0 \ud800 ü"):
        history.keep_diff(engine, review_id, text)
    assert history.diff(engine, review_id) == "diff \0 \ud800 ü"


def test_a_diff_that_no_page_could_show_is_not_kept(engine: Engine, now: datetime) -> None:
    review_id = record(engine, job(CHANGE, "d1"), now=now).review_id
    history.keep_diff(engine, review_id, "x" * (history.MOST_BYTES + 1))
    assert history.diff(engine, review_id) == ""

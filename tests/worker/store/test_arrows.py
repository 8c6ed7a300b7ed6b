from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge.types import Snippet, SnippetKind, Verdict
from worker.jobs import ChangeRef, ReviewJob
from worker.store import arrows, claims, deliveries, reviews, snippets
from worker.store.reviews import StoredReview
from worker.store.sweep import claim_due
from worker.types import Conclusion, Judged, Published, Skipped, State

CHANGE = ChangeRef("github", "octo/hello", 7, "a1")
ODD = Snippet(
    path="src/a \udcff.py",
    language="python",
    start_line=3,
    end_line=5,
    code="def f():\n    return '\0\ud800'\n",
    kind=SnippetKind.FUNCTION,
    name="f",
    prompt="Return\0 something",
    changed_lines=(4, 5),
)
HUNK = Snippet("b.txt", "", 1, 1, "x", SnippetKind.HUNK, diff="@@ -0,0 +1 @@\n+x\n")
VERDICT = Verdict(0.25, -1.5, "small 1.0")
ABSTAINED = Verdict(0.5, 0.0, "small 1.0", abstained=True, reason="too long\0")


@pytest.fixture
def review_id(engine: Engine, now: datetime) -> int:
    job = ReviewJob(CHANGE, "d1", "pull_request.opened")
    return deliveries.record(engine, job, now=now).review_id


def begin(
    engine: Engine, review_id: int, now: datetime, *, is_exclusive: bool = True
) -> StoredReview | None:
    return claims.begin(
        engine, review_id, list(State), now=now, lease_s=60, is_exclusive=is_exclusive
    )


def save_prepared(engine: Engine, review_id: int, now: datetime) -> bool:
    return arrows.save_prepared(
        engine,
        review_id,
        base_sha="base",
        title="A \ud800 title",
        rules="threshold = 0.4",
        to_judge=[ODD, HUNK],
        left_out=[Skipped("yarn.lock", "a lock file"), Skipped("c.py", "too large", is_code=True)],
        spent_s=1.5,
        now=now,
        due_at=now + timedelta(seconds=20),
    )


def save_scored(engine: Engine, review_id: int, now: datetime) -> bool:
    return arrows.save_scored(
        engine,
        review_id,
        [VERDICT, ABSTAINED],
        spent_s=2.5,
        now=now,
        due_at=now + timedelta(seconds=20),
    )


def row_of(engine: Engine, review_id: int) -> StoredReview:
    row = reviews.get(engine, review_id)
    assert row is not None
    return row


def test_what_is_prepared_comes_back_as_it_was(
    engine: Engine, review_id: int, now: datetime
) -> None:
    assert save_prepared(engine, review_id, now)
    assert snippets.to_judge(engine, review_id) == (ODD, HUNK)
    assert snippets.left_out(engine, review_id) == (
        Skipped("yarn.lock", "a lock file"),
        Skipped("c.py", "too large", is_code=True),
    )
    row = row_of(engine, review_id)
    assert (row.state, row.base_sha, row.rules) == (State.PREPARED, "base", "threshold = 0.4")
    assert row.prepare_s == 1.5


def test_verdicts_come_back_beside_their_snippets(
    engine: Engine, review_id: int, now: datetime
) -> None:
    save_prepared(engine, review_id, now)
    assert snippets.judged(engine, review_id) == ()
    assert save_scored(engine, review_id, now)
    first, second = snippets.judged(engine, review_id)
    assert first == Judged(ODD, VERDICT)
    assert (second.snippet, second.verdict.abstained) == (HUNK, True)
    assert second.verdict.reason == "too long\ufffd"


def test_each_arrow_moves_once(engine: Engine, review_id: int, now: datetime) -> None:
    published = Published("r1", "c1", ("k1", "k2"))
    assert not save_scored(engine, review_id, now)
    assert save_prepared(engine, review_id, now)
    assert not save_prepared(engine, review_id, now)
    assert save_scored(engine, review_id, now)
    assert not save_scored(engine, review_id, now)

    def publish() -> bool:
        return arrows.save_published(
            engine, review_id, published, conclusion=Conclusion.ADVISED, spent_s=0.5, now=now
        )

    assert publish()
    assert not publish()
    row = row_of(engine, review_id)
    assert (row.state, row.conclusion) == (State.PUBLISHED, Conclusion.ADVISED)
    assert (row.forge_review_id, row.check_id, row.comment_ids) == ("r1", "c1", ("k1", "k2"))


def test_a_claim_keeps_others_out_until_its_lease_ends(
    engine: Engine, review_id: int, now: datetime
) -> None:
    assert begin(engine, review_id, now) is not None
    assert begin(engine, review_id, now + timedelta(seconds=59)) is None
    later = begin(engine, review_id, now + timedelta(seconds=61))
    assert later is not None
    assert later.attempts == 1


def test_a_heartbeat_extends_the_lease(engine: Engine, review_id: int, now: datetime) -> None:
    row = begin(engine, review_id, now)
    assert row is not None
    arrows.touch(engine, row, until=now + timedelta(seconds=90), now=now)
    assert begin(engine, review_id, now + timedelta(seconds=80)) is None
    assert claim_due(engine, now=now + timedelta(seconds=80), wait_s=lambda _: 60) == []


def test_pure_work_may_begin_twice_at_once(engine: Engine, review_id: int, now: datetime) -> None:
    row = begin(engine, review_id, now, is_exclusive=False)
    assert row is not None
    arrows.touch(engine, row, until=now + timedelta(seconds=90), now=now)
    assert begin(engine, review_id, now, is_exclusive=False) is not None


def test_a_heartbeat_after_the_arrow_changes_nothing(
    engine: Engine, review_id: int, now: datetime
) -> None:
    row = begin(engine, review_id, now)
    assert row is not None
    save_prepared(engine, review_id, now)
    arrows.touch(engine, row, until=now + timedelta(days=1), now=now)
    due = claim_due(engine, now=now + timedelta(seconds=21), wait_s=lambda _: 60)
    assert [one.state for one in due] == [State.PREPARED]


def test_a_postponed_review_waits_and_its_attempt_does_not_count(
    engine: Engine, review_id: int, now: datetime
) -> None:
    row = begin(engine, review_id, now)
    assert row is not None
    arrows.postpone(
        engine, row, reason="rate limit", not_before=now + timedelta(seconds=300), now=now
    )
    assert begin(engine, review_id, now + timedelta(seconds=299)) is None
    again = begin(engine, review_id, now + timedelta(seconds=300))
    assert again is not None
    assert (again.attempts, again.postponed, again.reason) == (0, 1, "rate limit")


def test_an_ended_review_is_begun_only_to_close_its_check(
    engine: Engine, review_id: int, now: datetime
) -> None:
    arrows.end(engine, review_id, State.FAILED, reason="no", check_open=False, now=now)
    assert begin(engine, review_id, now) is None


def test_closing_the_check_ends_all_work_on_a_review(
    engine: Engine, review_id: int, now: datetime
) -> None:
    arrows.end(engine, review_id, State.FAILED, reason="no diff", check_open=True, now=now)
    row = begin(engine, review_id, now)
    assert row is not None
    arrows.close_check(engine, row, Published("", "c9", ()), now=now)
    closed = row_of(engine, review_id)
    assert (closed.state, closed.reason, closed.check_id) == (State.FAILED, "no diff", "c9")
    assert closed.conclusion is Conclusion.NOT_JUDGED
    assert begin(engine, review_id, now) is None
    assert claim_due(engine, now=now + timedelta(days=9), wait_s=lambda _: 60) == []


def test_a_heartbeat_that_comes_after_the_end_brings_nothing_back(
    engine: Engine, review_id: int, now: datetime
) -> None:
    arrows.end(engine, review_id, State.FAILED, reason="no diff", check_open=True, now=now)
    row = begin(engine, review_id, now)
    assert row is not None
    arrows.close_check(engine, row, None, now=now)
    arrows.touch(engine, row, until=now + timedelta(seconds=60), now=now)
    assert claim_due(engine, now=now + timedelta(days=9), wait_s=lambda _: 60) == []


def test_a_moved_head_hands_over_to_the_review_of_the_newer_one(
    engine: Engine, review_id: int, now: datetime
) -> None:
    newer = ChangeRef("github", "octo/hello", 7, "b2")
    wanted = arrows.supersede(engine, row_of(engine, review_id), newer, check_open=False, now=now)
    assert wanted is not None
    assert row_of(engine, review_id).state is State.SUPERSEDED
    assert row_of(engine, wanted.review_id).change == newer


def test_deliveries_out_of_order_still_end_at_the_newest_head(
    engine: Engine, now: datetime
) -> None:
    def arrives(head_sha: str) -> int:
        change = ChangeRef("github", "octo/hello", 8, head_sha)
        job = ReviewJob(change, head_sha, "pull_request.synchronize")
        return deliveries.record(engine, job, now=now).review_id

    newest, late = arrives("new"), arrives("old")
    assert row_of(engine, newest).state is State.SUPERSEDED
    head = row_of(engine, newest).change
    arrows.supersede(engine, row_of(engine, late), head, check_open=False, now=now)
    assert row_of(engine, newest).state is State.QUEUED
    assert row_of(engine, late).state is State.SUPERSEDED

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from judge.types import Snippet, SnippetKind
from worker.jobs import ChangeRef, GroupJob, GroupRef, Remark, RemarkJob, ReviewJob
from worker.store import arrows, asks, deliveries, feedback, groups, tenants
from worker.store.asks import AskState
from worker.store.engine import reading
from worker.store.feedback import Feedback, Signal
from worker.store.groups import GroupState
from worker.store.tables import metadata
from worker.types import Skipped, State

ONE_LINE = Snippet("a.py", "python", 1, 1, "secret_code = 1", SnippetKind.HUNK)


@pytest.fixture
def filled(engine: Engine, now: datetime) -> Engine:
    for i, repo in enumerate(("octo/hello", "octo/other", "octopus/x", "oct_/y", "OCTO/z")):
        change = ChangeRef("github", repo, 1, "a1")
        job = ReviewJob(change, f"d{i}", "opened", 42)
        recorded = deliveries.record(engine, job, now=now)
        arrows.save_prepared(
            engine,
            recorded.review_id,
            base_sha="b",
            title="t",
            rules=None,
            to_judge=[ONE_LINE],
            left_out=[Skipped("x.lock", "a lock file")],
            spent_s=1,
            now=now,
            due_at=now,
        )
        signal = Feedback("github", f"f{i}", repo, 1, ONE_LINE.fingerprint, Signal.AGREED)
        feedback.record(engine, signal, now=now)
    return engine


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        )


def test_everything_about_an_owner_is_written_out(filled: Engine) -> None:
    rows = list(tenants.everything(filled, forge="github", name="octo"))
    assert {table for table, _ in rows} >= {"reviews", "deliveries", "snippets", "feedback"}
    assert {row["repo"] for _, row in rows if "repo" in row} == {"octo/hello", "octo/other"}
    assert [row["code"] for table, row in rows if table == "snippets"] == ["secret_code = 1"] * 2


def test_what_is_erased_is_exactly_what_was_written_out(filled: Engine) -> None:
    before = count(filled)
    written = len(list(tenants.everything(filled, forge="github", name="octo/hello")))
    gone = tenants.erase(filled, forge="github", name="octo/hello")
    assert sum(gone.values()) == written > 0
    assert count(filled) == before - written
    assert list(tenants.everything(filled, forge="github", name="octo/hello")) == []
    assert list(tenants.everything(filled, forge="github", name="octo/other")) != []


def test_another_forge_s_owner_of_that_name_is_left_alone(filled: Engine) -> None:
    assert tenants.erase(filled, forge="gitlab", name="octo") == {}


def test_only_ended_reviews_expire_and_their_code_goes_with_them(
    filled: Engine, now: datetime
) -> None:
    arrows.end(filled, 1, State.IGNORED, reason="closed", check_open=False, now=now)
    arrows.end(filled, 2, State.FAILED, reason="no", check_open=True, now=now)
    assert tenants.expire(filled, before=now)["reviews"] == 0
    assert tenants.expire(filled, before=now + timedelta(seconds=1))["reviews"] == 1
    rows = list(tenants.everything(filled, forge="github", name="octo/hello"))
    assert {table for table, _ in rows} == {"feedback"}
    assert list(tenants.everything(filled, forge="github", name="octo/other")) != []


def test_words_to_the_reviewer_and_groups_expire_when_they_are_answered(
    engine: Engine, now: datetime
) -> None:
    remark = Remark(ChangeRef("github", "octo/hello", 7, ""), "1", "1", "ann", False, "/gavel help")
    for i in (1, 2):
        said = replace(remark, id=str(i))
        asks.record(engine, RemarkJob(said, f"d{i}", "issue_comment.created"), now=now)
        group = GroupRef("github", "octo/hello", 7, str(i) * 40)
        groups.record(engine, GroupJob(group, f"g{i}", "merge_group"), now=now)
    answered = asks.begin(engine, 1, AskState.RECEIVED, now=now, lease_s=60)
    assert answered is not None
    asks.end(engine, answered, AskState.ANSWERED, now=now)
    groups.end(engine, 1, GroupState.ANSWERED, reason="", now=now)
    gone = tenants.expire(engine, before=now + timedelta(seconds=1))
    assert gone == {"reviews": 0, "asks": 1, "merge_groups": 1}
    left = tenants.everything(engine, forge="github", name="octo")
    assert sorted((table, row["id"]) for table, row in left) == [("asks", 2), ("merge_groups", 2)]
    assert tenants.erase(engine, forge="github", name="oct") == {}
    assert tenants.erase(engine, forge="github", name="octo/hello") == {
        "asks": 1,
        "merge_groups": 1,
    }
    assert count(engine) == 0


def test_a_backlog_expires_in_parts(filled: Engine, now: datetime) -> None:
    for review_id in (1, 2, 3):
        arrows.end(filled, review_id, State.IGNORED, reason="", check_open=False, now=now)
    later = now + timedelta(days=1)
    assert tenants.expire(filled, before=later, most=0)["reviews"] == 0
    assert tenants.expire(filled, before=later, most=1000)["reviews"] == 3


def test_every_table_is_about_somebody_or_known_to_be_about_nobody() -> None:
    # people who run Gavel, who is signed in, and verdicts by the hash of their input
    nobody = {"admins", "paces", "sessions", "remembered"}
    about = {
        table.name
        for table in metadata.sorted_tables
        if tenants._about(table, "github", "octo") is not None
    }
    assert {table.name for table in metadata.sorted_tables} - about == nobody

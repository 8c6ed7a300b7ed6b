"""Deliveries through real processes: broker, workers, database, and a forge over HTTP."""

from __future__ import annotations

import os
import signal
from typing import Protocol

import pytest

pytestmark = pytest.mark.journey

FIRST, SECOND = "a" * 40, "b" * 40
EVERYTHING = ("redis", "io", "gpu", "beat")


class Town(Protocol):
    """See conftest."""

    def __getattr__(self, name: str): ...


def assert_reviewed_once(town: Town, head_sha: str = FIRST) -> None:
    (review,) = [one for one in town.github.reviews if one.commit_id == head_sha]
    assert [(one.path, one.start_line or one.line) for one in review.comments] == [("sums.py", 1)]
    (check,) = [one for one in town.github.check_runs if one.head_sha == head_sha]
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert "likely wrong" in check.title


def test_a_delivery_becomes_a_review(town: Town) -> None:
    town.let_judge()
    town.start(*EVERYTHING)
    assert town.deliver("d1") == 202
    town.wait_for_states({FIRST: "published"})
    assert_reviewed_once(town)
    (row,) = town.rows()
    assert row.delivery_id == "d1"
    assert None not in (row.prepare_s, row.score_s, row.publish_s)


def test_the_logs_name_the_delivery_and_the_change_and_hold_neither_code_nor_tokens(
    town: Town,
) -> None:
    town.let_judge()
    town.start(*EVERYTHING)
    town.deliver("d1")
    town.wait_until(
        lambda: any(line["event"] == "published" for line in town.log_of("io")),
        "the review is logged as published",
    )
    lines = [*town.log_of("io"), *town.log_of("gpu")]
    ours = [line for line in lines if "change" in line]
    assert {line["event"] for line in ours} == {"moved", "published"}
    assert {line["delivery_id"] for line in ours} == {"d1"}
    assert {line["change"] for line in ours} == {f"github:octo/hello#7@{FIRST}"}
    assert "forge-token" not in str(lines)
    assert "return a - b" not in str(lines)


def test_a_resent_delivery_is_still_one_review(town: Town) -> None:
    town.let_judge()
    town.start(*EVERYTHING)
    assert [town.deliver("d1"), town.deliver("d1"), town.deliver("d2")] == [202, 202, 202]
    town.wait_for_states({FIRST: "published"})
    assert town.deliver("d1") == 202
    town.push(SECOND)
    assert town.deliver("d3", head_sha=SECOND) == 202
    town.wait_for_states({FIRST: "published", SECOND: "published"})
    assert_reviewed_once(town)


def test_a_newer_head_supersedes_the_older_one(town: Town) -> None:
    town.start(*EVERYTHING)
    town.deliver("d1")
    town.wait_for_judging()
    town.push(SECOND)
    town.deliver("d2", head_sha=SECOND)
    assert town.states()[FIRST] == "superseded"
    town.let_judge()
    town.wait_for_states({FIRST: "superseded", SECOND: "published"})
    assert_reviewed_once(town, SECOND)
    assert [one.commit_id for one in town.github.reviews] == [SECOND]
    town.wait_until(
        lambda: all(check.status == "completed" for check in town.github.check_runs),
        "the older head's check is concluded too",
    )


def test_a_delivery_while_the_broker_is_down_is_reviewed_after_it_returns(town: Town) -> None:
    town.let_judge()
    town.start(*EVERYTHING)
    town.kill("redis")
    assert town.deliver("d1") == 202
    assert town.states() == {FIRST: "queued"}
    town.start("redis")
    town.wait_for_states({FIRST: "published"})
    assert_reviewed_once(town)


def test_a_scoring_child_killed_by_sigkill_is_replaced_and_the_change_reviewed_once(
    town: Town,
) -> None:
    town.start(*EVERYTHING)
    town.deliver("d1")
    os.kill(town.wait_for_judging(), signal.SIGKILL)
    town.let_judge()
    town.wait_for_states({FIRST: "published"})
    assert_reviewed_once(town)


def test_a_gpu_worker_killed_whole_while_scoring_leaves_a_change_reviewed_once(
    town: Town,
) -> None:
    town.start(*EVERYTHING)
    town.deliver("d1")
    town.wait_for_judging()
    town.kill("gpu")
    assert town.states() == {FIRST: "prepared"}
    town.let_judge()
    town.start("gpu")
    town.wait_for_states({FIRST: "published"})
    assert_reviewed_once(town)

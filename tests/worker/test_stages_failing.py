"""What becomes of a review when something fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError

from judge.registry import ModelMissing
from judge.types import Judge
from tests.worker.office import FixedJudge, Office
from worker import stages
from worker.forges.base import Forbidden, Unavailable
from worker.types import Conclusion, State


def test_an_unavailable_forge_is_tried_again_after_its_own_delay(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Unavailable("rate limit", retry_after_s=45))
    office.run("prepare", review_id)
    assert office.sent == [("prepare", review_id, 45)]
    office.run("prepare", review_id)
    assert office.row(review_id).state is State.QUEUED
    office.now += timedelta(seconds=45)
    office.run("prepare", review_id)
    assert office.row(review_id).state is State.PREPARED


def test_a_long_delay_is_left_to_the_sweep(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Unavailable("rate limit", retry_after_s=1800))
    office.run("prepare", review_id)
    assert office.sent == []
    office.now += timedelta(seconds=1799)
    assert stages.sweep(office.desk) == 0
    office.now += timedelta(seconds=1)
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED


def test_a_forge_that_stays_unavailable_is_given_up_after_long(office: Office) -> None:
    review_id = office.deliver()
    for _ in range(5):
        office.forge.failures[:] = [Unavailable("502", retry_after_s=1)]
        office.run("prepare", review_id)
        office.now += timedelta(hours=1)
    row = office.row(review_id)
    assert row.state is State.FAILED
    assert "unavailable for too long: 502" in row.reason


def test_a_forbidden_change_fails_with_its_reason_and_the_check_says_so(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Forbidden("the diff is not served"))
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.reason) == (State.FAILED, "the diff is not served")
    assert (row.conclusion, row.check_open) == (Conclusion.NOT_JUDGED, False)
    assert "the diff is not served" in office.forge.published[0].summary


def test_a_check_that_may_not_be_written_is_left_alone(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures += [Forbidden("gone"), Forbidden("gone")]
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.reason, row.check_open) == (State.FAILED, "gone", False)
    office.now += timedelta(days=1)
    assert stages.sweep(office.desk) == 0


def missing() -> Judge:
    raise ModelMissing("model x is not in /home: run `gavel pull x`")


def test_a_review_waits_for_a_model_that_is_missing(office: Office) -> None:
    office.judge_of = missing
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.attempts, row.check_open) == (State.PREPARED, 0, True)
    assert "gavel pull x" in row.reason
    assert (office.sent, office.forge.published) == ([("score", review_id, 60.0)], [])


def test_a_review_goes_on_once_its_model_is_pulled(office: Office) -> None:
    office.judge_of = missing
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    office.judge_of = FixedJudge
    office.run("score", review_id)
    assert office.row(review_id).state is State.PREPARED
    office.now += timedelta(seconds=61)
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert (office.row(review_id).state, office.row(review_id).reason) == (State.PUBLISHED, "")


def test_a_model_that_stays_missing_ends_the_review_without_naming_folders(office: Office) -> None:
    office.judge_of = missing
    review_id = office.deliver()
    office.run("prepare", review_id)
    for _ in range(4):
        office.run("score", review_id)
        office.now += timedelta(seconds=61)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.check_open) == (State.FAILED, False)
    assert row.reason == "the model of the judge was missing for too long"


def test_a_bug_fails_the_review_without_showing_its_insides(office: Office) -> None:
    def broken() -> Judge:
        raise KeyError("hunter2")

    office.judge_of = broken
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert row.state is State.FAILED
    assert "KeyError" in row.reason
    assert "hunter2" not in row.reason + office.forge.published[0].summary


def test_a_lost_database_leaves_the_review_to_the_sweep(office: Office) -> None:
    def lost() -> Judge:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    review_id = office.deliver()
    office.run("prepare", review_id)
    office.judge_of = lost
    office.run_all()
    assert office.row(review_id).state is State.PREPARED
    office.judge_of = FixedJudge
    office.now += timedelta(seconds=61)
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED


def test_a_review_that_kills_its_workers_is_set_aside_with_the_reason(office: Office) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs after it."""

    def deadly() -> Judge:
        raise Killed

    review_id = office.deliver()
    office.run("prepare", review_id)
    office.sent.clear()
    office.judge_of = deadly
    counted = given_up("score")
    for _ in range(3):
        with pytest.raises(Killed):
            office.run("score", review_id)
        assert office.row(review_id).state is State.PREPARED
    office.run("score", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.check_open) == (State.FAILED, False)
    assert "died 3 times" in row.reason
    assert given_up("score") == counted + 1


def given_up(stage: str) -> float:
    return REGISTRY.get_sample_value("gavel_reviews_failed_total", {"stage": stage}) or 0.0


def test_a_broker_that_is_down_loses_nothing(office: Office) -> None:
    review_id = office.deliver()
    office.is_broker_down = True
    office.run("prepare", review_id)
    office.now += timedelta(seconds=21)
    assert stages.sweep(office.desk) == 0
    office.is_broker_down = False
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED

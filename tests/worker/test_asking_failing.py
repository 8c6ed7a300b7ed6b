"""What may go wrong with what is said on a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from judge.registry import UnknownModel
from judge.types import Judge
from tests.worker.office import CHANGE, Office
from tests.worker.talk import (
    DIFF,
    FIX,
    TEXT,
    answer,
    on_lines,
    reviewed,
    room,
    under,
)
from worker import asking
from worker.forges.base import Forbidden, Unavailable
from worker.jobs import RemarkJob
from worker.store import asks, reviews
from worker.store.asks import AskState


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.fixture
def office(office: Office) -> Office:
    return room(office)


def test_a_closed_change_is_not_talked_about(office: Office) -> None:
    office.forge.description = replace(office.forge.description, is_open=False)
    assert office.say(under("/gavel help")).state is AskState.DROPPED


def test_a_resent_delivery_is_one_ask(office: Office) -> None:
    job = RemarkJob(under("/gavel help"), "d1", "comment.created")
    first, again = (asks.record(office.engine, job, now=office.now) for _ in range(2))
    assert first == again


def test_every_stage_may_run_twice(office: Office) -> None:
    job = RemarkJob(on_lines(FIX), "d1", "comment.created")
    ask_id = asks.record(office.engine, job, now=office.now)
    for stage in ("hear", "hear", "weigh", "weigh", "answer", "answer", "hear"):
        office.run(stage, ask_id)
    assert [stage for stage, _, _ in office.sent] == ["weigh", "answer"]
    assert len(office.forge.answers) == 1


def test_an_unavailable_forge_is_asked_again(office: Office) -> None:
    office.forge.failures.append(Unavailable("rate limit", retry_after_s=45))
    ask = office.say(under("/gavel help"))
    assert ask.state is AskState.RECEIVED
    assert office.sent == [("hear", ask.id, 45)]
    office.now += timedelta(seconds=46)
    office.run("hear", ask.id)
    assert office.forge.answers


def test_a_forbidden_answer_ends_the_ask_with_the_reason(office: Office) -> None:
    office.forge.failures.append(Forbidden("may not read"))
    ask = office.say(under("/gavel help"))
    assert (ask.state, ask.reason) == (AskState.FAILED, "may not read")


def test_a_lost_message_is_sent_again_by_the_sweep(office: Office) -> None:
    job = RemarkJob(under("/gavel help"), "d1", "comment.created")
    ask_id = asks.record(office.engine, job, now=office.now)
    assert asking.sweep(office.desk) == 0
    office.now += timedelta(seconds=21)
    assert asking.sweep(office.desk) == 1
    assert office.sent == [("hear", ask_id, 0)]
    assert asking.sweep(office.desk) == 0


def test_the_newest_review_is_the_one_that_is_explained(office: Office) -> None:
    reviewed(office)
    assert reviews.of_change(office.engine, forge="memory", repo="octo/hello", number=7)
    office.forge.push("newer", DIFF.replace("- b", "+ b"))
    office.forge.files = {("newer", "sums.py"): TEXT.replace("- b", "+ b")}
    reviewed(office, replace(CHANGE, head_sha="newer"))
    said = answer(office, office.say(under("/gavel explain")))
    assert "P(correct) = 0.90" in said


def test_whoever_asks_is_told_what_kept_code_from_being_judged(office: Office) -> None:
    def unknown() -> Judge:
        raise UnknownModel("unknown model 'x': expected one of y")

    office.judge_of = unknown
    office.forge.said = [on_lines(FIX, id="1", author="bob"), on_lines(FIX, id="2")]
    said = answer(office, office.say(on_lines("/gavel rank", id="9")))
    assert said.startswith("I could not judge this, which is not a pass: unknown model 'x'")
    assert office.say(on_lines(FIX, id="10")).state is AskState.FAILED
    assert set(office.forge.answers) == {"9"}

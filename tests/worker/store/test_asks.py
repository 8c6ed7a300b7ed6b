from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from judge.types import Snippet, SnippetKind, Verdict
from worker.jobs import ChangeRef, Remark, RemarkJob
from worker.store import asks, candidates, notes
from worker.store.asks import Ask, AskState
from worker.suggestions import Candidate

CHANGE = ChangeRef("memory", "octo/hello", 7, "")
REMARK = Remark(CHANGE, "11", "11", "ann", False, "/gavel rank \ud800\0", "a\ud800.py", 3, 4)
SNIPPET = Snippet("a\ud800.py", "python", 3, 4, "def f():\0", SnippetKind.FUNCTION, "f")


def begun(engine: Engine, state: AskState, now: datetime, ask_id: int = 1) -> Ask:
    ask = asks.begin(engine, ask_id, state, now=now, lease_s=60)
    assert ask is not None
    return ask


def test_an_ask_comes_back_as_it_was_and_goes_its_way(engine: Engine, now: datetime) -> None:
    ask_id = asks.record(engine, RemarkJob(REMARK, "d1", "x", 5), now=now)
    assert asks.record(engine, RemarkJob(REMARK, "d1", "x", 5), now=now) == ask_id
    ask = begun(engine, AskState.RECEIVED, now, ask_id)
    assert (ask.remark, ask.installation_id, ask.attempts) == (REMARK, 5, 0)
    found = [Candidate(SNIPPET), Candidate(SNIPPET, "bob", "12", SNIPPET.fingerprint, "x\0")]
    assert asks.save_ready(engine, ask, found, asked="rank", now=now, due_at=now)
    assert not asks.save_ready(engine, ask, found, asked="rank", now=now, due_at=now)
    ready = begun(engine, AskState.READY, now)
    assert [one.candidate for one in candidates.of_ask(engine, ask_id)] == found
    verdicts = [Verdict(0.1, -2.0, "m"), Verdict(0.5, 0.0, "m", True, "why")]
    assert asks.save_weighed(engine, ready, verdicts, now=now, due_at=now)
    assert [one.verdict for one in candidates.of_ask(engine, ask_id)] == verdicts
    assert [one.candidate.author for one in candidates.of_change(engine, CHANGE)] == ["bob"]
    weighed = begun(engine, AskState.WEIGHED, now)
    assert asks.end(engine, weighed, AskState.ANSWERED, now=now, answer_id="99")
    assert asks.begin(engine, ask_id, AskState.WEIGHED, now=now, lease_s=60) is None


def test_a_long_name_of_somebody_who_suggests_keeps_nothing_from_being_weighed(
    engine: Engine, now: datetime
) -> None:
    asks.record(engine, RemarkJob(REMARK, "d1", "x"), now=now)
    found = [Candidate(SNIPPET, "b" * 255, "12", SNIPPET.fingerprint, "x")]
    ask = begun(engine, AskState.RECEIVED, now)
    assert asks.save_ready(engine, ask, found, asked="rank", now=now, due_at=now)
    (kept,) = candidates.of_ask(engine, ask.id)
    assert kept.candidate.author == "b" * 200


def test_the_same_words_are_one_ask_and_edited_ones_another(engine: Engine, now: datetime) -> None:
    first = asks.record(engine, RemarkJob(REMARK, "d1", "x"), now=now)
    assert asks.record(engine, RemarkJob(REMARK, "d2", "x"), now=now) == first
    edited = replace(REMARK, body="/gavel help")
    assert asks.record(engine, RemarkJob(edited, "d3", "x"), now=now) != first


def test_an_ask_is_held_by_one_worker_until_its_lease_runs_out(
    engine: Engine, now: datetime
) -> None:
    asks.record(engine, RemarkJob(REMARK, "d1", "x"), now=now)
    begun(engine, AskState.RECEIVED, now)
    assert asks.begin(engine, 1, AskState.RECEIVED, now=now, lease_s=60) is None
    later = now + timedelta(seconds=61)
    assert asks.claim_due(engine, now=later, wait_s=20) == [(1, AskState.RECEIVED)]
    assert asks.claim_due(engine, now=later, wait_s=20) == []
    assert begun(engine, AskState.RECEIVED, later).attempts == 1


def test_answers_to_bots_are_counted_by_change(engine: Engine, now: datetime) -> None:
    for number, is_bot in enumerate((True, False, True), start=1):
        remark = Remark(CHANGE, str(number), "", "x", is_bot, "b")
        asks.record(engine, RemarkJob(remark, f"d{number}", "x"), now=now)
        ask = begun(engine, AskState.RECEIVED, now, number)
        state = AskState.DROPPED if number == 3 else AskState.ANSWERED
        asks.end(engine, ask, state, now=now)
    assert asks.bot_answers(engine, CHANGE) == 1
    assert asks.bot_answers(engine, ChangeRef("memory", "octo/hello", 8, "")) == 0


def test_rules_that_could_be_read_are_kept_by_repository(engine: Engine, now: datetime) -> None:
    for text in ("limit = 1", "limit = 2"):
        notes.keep_rules(engine, CHANGE, text, now=now)
    assert notes.kept_rules(engine, CHANGE) == "limit = 2"
    assert notes.kept_rules(engine, ChangeRef("memory", "octo/other", 7, "")) is None


def test_a_pause_is_of_one_change_and_ends_once(engine: Engine, now: datetime) -> None:
    for _ in range(2):
        notes.pause(engine, CHANGE, author="ann", now=now)
    assert notes.is_paused(engine, CHANGE)
    assert not notes.is_paused(engine, ChangeRef("memory", "octo/hello", 8, ""))
    assert [notes.resume(engine, CHANGE) for _ in range(2)] == [True, False]

"""What is said on a change, through the stages, on a forge in memory."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.worker.office import CHANGE, Office
from tests.worker.talk import (
    FIX,
    TEXT,
    answer,
    on_lines,
    reviewed,
    room,
    under,
)
from worker.feedback import Signal
from worker.store import feedback, notes
from worker.store.asks import AskState
from worker.types import Conclusion, State


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.fixture
def office(office: Office) -> Office:
    return room(office)


# Suggestions


@pytest.mark.parametrize("who", [{"author": "ann"}, {"author": "stranger"}, {"is_bot": True}])
def test_a_suggestion_gets_a_verdict_whoever_makes_it(office: Office, who) -> None:
    said = answer(office, office.say(on_lines(f"Better:\n{FIX}", **who)))
    assert said.startswith(
        "With this suggestion, `add` is **very likely to be correct**: P(correct) = 0.90. "
        "The code as it stands has 0.10: the suggestion is clearly likelier."
    )
    assert said.endswith("<!-- gavel:re=51 -->")


def test_a_worse_suggestion_is_told_to_be_worse(office: Office) -> None:
    worse = "```suggestion\n    return c - b - b\n```"
    office.forge.files = {("head", "sums.py"): TEXT.replace("- b", "+ b")}
    assert "is clearly likelier." in answer(office, office.say(on_lines(worse)))


def test_code_of_another_bot_is_judged_without_a_suggestion_block(office: Office) -> None:
    remark = on_lines("Try\n```python\n    return c + b\n```", author="copilot", is_bot=True)
    assert "P(correct) = 0.90" in answer(office, office.say(remark))


def test_a_suggestion_that_cannot_be_judged_is_no_pass(office: Office) -> None:
    office.forge.files = {("head", "sums.py"): "x = 1\ny = 2\nz = 3\n"}
    said = answer(office, office.say(on_lines("```suggestion\nz = 4\n```")))
    assert "was not judged, which is not a pass: no whole function" in said


def test_several_suggestions_in_one_remark_are_ordered(office: Office) -> None:
    body = "```suggestion\n    return c\n```\n" + FIX
    said = answer(office, office.say(on_lines(body)))
    order = [said.index(words) for words in ("= 0.90", "= 0.60", "the code as it stands")]
    assert order == sorted(order)


def test_rules_can_switch_the_verdicts_on_suggestions_off(office: Office) -> None:
    office.forge.files = {**office.forge.files, ("base", ".gavel.toml"): "suggestions = false"}
    assert office.say(on_lines(FIX)).state is AskState.DROPPED
    assert office.forge.answers == {}


def test_a_shadow_records_the_verdict_and_says_nothing(office: Office) -> None:
    office.forge.files = {**office.forge.files, ("base", ".gavel.toml"): 'gate = "shadow"'}
    ask = office.say(on_lines(FIX))
    assert (ask.state, office.forge.answers) == (AskState.DROPPED, {})
    assert "recorded" in ask.reason


def test_a_comment_names_the_suggestion_that_is_clearly_better(office: Office) -> None:
    office.say(on_lines(FIX, author="bob"))
    reviewed(office)
    (comment,) = office.forge.standing
    assert "The suggestion by `bob` on line 3 is clearly likelier to be correct" in comment.body


# No endless talk


def test_two_bots_never_keep_each_other_talking(office: Office) -> None:
    first = office.say(on_lines(FIX, author="other", is_bot=True))
    echo = on_lines(answer(office, first), id="52", thread="51", author="other", is_bot=True)
    assert office.say(echo).state is AskState.DROPPED
    assert set(office.forge.answers) == {"51"}


def test_a_bot_that_never_stops_gets_a_bounded_number_of_answers(office: Office) -> None:
    for number in range(24):
        office.say(on_lines(FIX, id=f"b{number}", author="other", is_bot=True))
    assert len(office.forge.answers) == 20


def test_a_bot_gives_no_commands(office: Office) -> None:
    ask = office.say(under("/gavel pause", author="ann", is_bot=True))
    assert ask.state is AskState.DROPPED
    assert not notes.is_paused(office.engine, CHANGE)


# Commands


@pytest.mark.parametrize("verb", ["review", "rank", "explain", "ignore", "accept", "pause", "help"])
def test_only_people_with_write_access_give_commands(office: Office, verb: str) -> None:
    reviewed(office)
    ask = office.say(under(f"/gavel {verb}", author="stranger"))
    assert (ask.state, office.forge.answers) == (AskState.DROPPED, {})
    assert "write access" in ask.reason
    assert feedback.of_repo(office.engine, forge="memory", repo="octo/hello") == []


def test_help_lists_the_commands_and_names_what_it_did_not_understand(office: Office) -> None:
    said = answer(office, office.say(under("/gavel `merge`@everyone")))
    assert "`/gavel rank`" in said and "`/gavel resume`" in said
    assert "I do not know `" in said and "\n@" not in said


def test_rank_orders_the_suggestions_on_the_same_lines(office: Office) -> None:
    office.forge.said = [
        on_lines("```suggestion\n    return c\n```", id="1", author="bob"),
        on_lines(FIX, id="2", author="cy"),
        on_lines("just words", id="3"),
    ]
    said = answer(office, office.say(on_lines("/gavel rank", id="9", thread="1")))
    assert said.startswith("Likeliest to be correct first:")
    rows = [line for line in said.splitlines() if line[:1].isdigit()]
    assert rows == [
        "1. the suggestion by `cy` on line 3: P(correct) = 0.90, very likely to be correct",
        "2. the suggestion by `bob` on line 3: P(correct) = 0.60, likely to be correct",
        "3. the code as it stands: P(correct) = 0.10, very unlikely to be correct",
    ]


def test_rank_under_the_change_takes_the_lines_that_have_several(office: Office) -> None:
    lonely = on_lines(FIX, id="4", author="dot", start_line=1, end_line=1)
    office.forge.said = [on_lines(FIX, id="1", author="bob"), on_lines(FIX, id="2"), lonely]
    said = answer(office, office.say(under("/gavel rank")))
    assert "`bob`" in said and "`dot`" not in said


def test_rank_without_rivals_says_so(office: Office) -> None:
    assert "no lines here with several" in answer(office, office.say(under("/gavel rank")))


def test_explain_answers_a_comment_with_the_lines_that_lower_it(office: Office) -> None:
    reviewed(office)
    (comment,) = office.forge.standing
    said = answer(office, office.say(on_lines("/gavel explain", thread=comment.id)))
    assert "`add` is **very unlikely to be correct**: P(correct) = 0.10." in said
    assert "without line 3 it is 0.60" in said


def test_explain_looks_for_lines_where_the_review_did_not(office: Office) -> None:
    office.forge.files = {**office.forge.files, ("base", ".gavel.toml"): "threshold = 0.05"}
    reviewed(office)
    assert office.forge.standing == []
    assert "without line 3 it is 0.60" in answer(office, office.say(under("/gavel explain")))


def test_ignore_keeps_the_reason_and_leaves_the_finding_out(office: Office) -> None:
    reviewed(office)
    (comment,) = office.forge.standing
    office.say(on_lines("/gavel ignore tested by hand", thread=comment.id))
    (given,) = feedback.of_repo(office.engine, forge="memory", repo="octo/hello")
    assert (given.signal, given.reason, given.author) == (Signal.IGNORED, "tested by hand", "ann")
    assert given.fingerprint == comment.fingerprint
    assert office.forge.concluded["head"] is Conclusion.PASSED
    assert "people said to ignore it" in office.forge.published[-1].summary


def test_accept_confirms_a_comment_by_its_place_where_threads_have_other_names(
    office: Office,
) -> None:
    reviewed(office)
    office.say(on_lines("/gavel accept", thread="a1b2c3"))
    (given,) = feedback.of_repo(office.engine, forge="memory", repo="octo/hello")
    assert given.signal is Signal.ACCEPTED


def test_an_opinion_about_nothing_asks_which_comment_is_meant(office: Office) -> None:
    reviewed(office)
    assert "in answer to one of my comments" in answer(office, office.say(under("/gavel ignore")))
    assert feedback.of_repo(office.engine, forge="memory", repo="octo/hello") == []


def test_a_pause_stops_reviews_of_new_heads_and_the_check_says_so(office: Office) -> None:
    office.say(under("/gavel pause", id="1"))
    review_id = reviewed(office)
    assert office.row(review_id).state is State.IGNORED
    assert office.forge.concluded["head"] is Conclusion.NOT_JUDGED
    assert "paused" in office.forge.published[-1].summary
    office.say(under("/gavel resume", id="2"))
    assert office.row(review_id).state is State.PUBLISHED


def test_review_judges_a_head_again(office: Office) -> None:
    review_id = reviewed(office)
    office.forge.files = {**office.forge.files, ("base", ".gavel.toml"): "threshold = 0.05"}
    office.say(under("/gavel review"))
    assert office.row(review_id).state is State.PUBLISHED
    assert office.forge.concluded["head"] is Conclusion.PASSED


def test_answers_speak_the_language_of_the_rules(office: Office) -> None:
    office.forge.files = {**office.forge.files, ("base", ".gavel.toml"): 'locale = "de"'}
    assert "sehr wahrscheinlich korrekt" in answer(office, office.say(on_lines(FIX)))

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.dashboard.triage import disputed
from worker.feedback import Feedback, Signal
from worker.store.feedback import Kept

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def said(number: int, author: str, signal: Signal, code: str = "a", repo: str = "octo/x") -> Kept:
    given = Feedback("github", f"d{number}", repo, 7, code * 16, signal, author)
    return Kept(number, given, NOW)


def shown(*kept: Kept) -> list[int]:
    """Ids of what is disputed among signals that were made in this order."""
    return [one.id for one in disputed(kept[::-1])]


def test_code_that_some_call_right_and_others_wrong_is_disputed() -> None:
    ada, bob = said(1, "ada", Signal.ACCEPTED), said(2, "bob", Signal.IGNORED)
    other = said(3, "bob", Signal.IGNORED, code="b")
    assert shown(ada, bob, other) == [2, 1]


def test_whoever_changes_their_mind_disagrees_with_nobody() -> None:
    assert shown(said(1, "ada", Signal.ACCEPTED), said(2, "ada", Signal.IGNORED)) == []


def test_history_may_contradict_a_person() -> None:
    assert shown(said(1, "ada", Signal.IGNORED), said(2, "", Signal.FIXED)) == [2, 1]


def test_the_same_code_in_two_repositories_is_two_things() -> None:
    elsewhere = said(2, "bob", Signal.IGNORED, repo="octo/fork")
    assert shown(said(1, "ada", Signal.ACCEPTED), elsewhere) == []


def test_what_was_taken_back_settles_it() -> None:
    taken = replace(said(2, "bob", Signal.IGNORED), undone_by="root (admin)")
    assert shown(said(1, "ada", Signal.ACCEPTED), taken) == []

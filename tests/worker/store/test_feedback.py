from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from worker.store import feedback
from worker.store.feedback import Feedback, Signal

GIVEN = Feedback("github", "d9", "octo/hello", 7, "0123456789abcdef", Signal.RESOLVED)


def about(engine: Engine, *names: str, repo: str = "octo/hello") -> dict[str, list[Feedback]]:
    return feedback.about(engine, names, forge="github", repo=repo)


def test_a_signal_is_kept_once_per_delivery(engine: Engine, now: datetime) -> None:
    assert feedback.record(engine, GIVEN, now=now)
    assert not feedback.record(engine, GIVEN, now=now)
    assert about(engine, GIVEN.fingerprint) == {GIVEN.fingerprint: [GIVEN]}


def test_a_name_that_is_longer_than_its_column_is_kept_shortened(
    engine: Engine, now: datetime
) -> None:
    feedback.record(engine, replace(GIVEN, author="a" * 255), now=now)
    (kept,) = about(engine, GIVEN.fingerprint)[GIVEN.fingerprint]
    assert kept.author == "a" * 200


def test_other_snippets_have_no_part_in_it(engine: Engine, now: datetime) -> None:
    feedback.record(engine, GIVEN, now=now)
    assert about(engine, "f" * 16) == {}


def test_the_same_code_in_another_repository_shows_nothing_of_it(
    engine: Engine, now: datetime
) -> None:
    feedback.record(engine, GIVEN, now=now)
    assert about(engine, GIVEN.fingerprint, repo="octo/fork") == {}


def test_what_was_said_of_many_snippets_is_found_at_once(engine: Engine, now: datetime) -> None:
    names = [f"{n:016x}" for n in range(feedback.AT_ONCE + 1)]
    for name in (names[0], names[-1]):
        given = Feedback("github", name, "octo/hello", 7, name, Signal.IGNORED)
        feedback.record(engine, given, now=now)
    assert set(about(engine, *names)) == {names[0], names[-1]}

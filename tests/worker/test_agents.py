from __future__ import annotations

import pytest

from worker.agents import SIGNS, agents_of
from worker.types import Commit

ANN = "Ann Agent <ann@example.org> ann"


def commit(message: str = "Add sums", *, author: str = ANN) -> Commit:
    return Commit("c1", author, message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Claude", "Add\n\nCo-Authored-By: Claude <noreply@anthropic.com>"),
        ("Copilot", "Add\n\nCo-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>"),
        ("Cursor", "Add\n\nCo-authored-by: Cursor <cursoragent@cursor.com>"),
        ("aider", "Add\n\nCo-authored-by: aider (gpt) <aider@aider.chat>"),
        ("Claude", "Add\n\n\U0001f916 Generated with Claude Code"),
    ],
)
def test_an_agent_is_known_by_a_trailer(name: str, message: str) -> None:
    assert agents_of([commit(message)]) == (name,)


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Devin", "Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>"),
        ("aider", "Ann (aider) <ann@example.org>"),
        ("Copilot", "copilot-swe-agent[bot] <1@users.noreply.github.com>"),
        ("Jules", "google-labs-jules[bot] <1@users.noreply.github.com>"),
    ],
)
def test_an_agent_is_known_as_an_author(name: str, author: str) -> None:
    assert agents_of([commit(author=author)]) == (name,)


@pytest.mark.parametrize(
    "message",
    [
        "Use Claude and Copilot in the docs",
        "Move the cursor\n\nSigned-off-by: Claude Monet <claude@example.org>",
        "Talk about noreply@anthropic.com",
        "Add\n\nCo-authored-by: Claudette <claudette@example.org>",
        "Add\n\nCo-authored-by: Devin Smith <devin@example.org>",
    ],
)
def test_a_person_and_a_mention_are_no_agent(message: str) -> None:
    assert agents_of([commit(message)]) == ()


def test_a_repository_names_more_and_each_is_told_once() -> None:
    given = [commit("A\n\nCo-authored-by: hal-9000 <hal@example.org>")] * 2
    assert agents_of(given) == ()
    assert agents_of(given, more=["hal-9000", " "]) == ("hal-9000",)
    assert agents_of(given, more=["hal"]) == ("hal",)
    assert agents_of(given, more=["al-9"]) == ()


def test_an_endless_message_is_read_in_bounded_time() -> None:
    assert agents_of([commit("co-authored-by: " * 50_000)]) == ()
    assert len(SIGNS) >= 10

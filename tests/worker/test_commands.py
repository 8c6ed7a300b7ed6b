from __future__ import annotations

import pytest

from worker.commands import Command, Verb, command_in


@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_is_understood(verb: Verb) -> None:
    assert command_in(f"/gavel {verb.value}") == Command(verb)


def test_words_after_the_verb_are_kept_plain_and_short() -> None:
    found = command_in("/gavel ignore \x1b[31mtested by hand\u202e " + "x" * 900)
    assert found is not None and found.words.startswith("tested by hand x")
    assert len(found.words) <= 300 and not set(found.words) & {"\x1b", "\u202e"}


@pytest.mark.parametrize("body", ["/GAVEL Review", "Thanks!\n\n  /gavel   review  \nbye"])
def test_case_place_and_spaces_do_not_matter(body: str) -> None:
    assert command_in(body) == Command(Verb.REVIEW)


def test_a_bare_or_unknown_call_asks_for_help() -> None:
    assert command_in("/gavel") == Command(Verb.HELP)
    assert command_in("/gavel merge now") == Command(Verb.HELP, unknown="merge")


@pytest.mark.parametrize(
    "body",
    [
        "write /gavel review to ask again",
        "> /gavel review",
        "```\n/gavel review\n```",
        "~~~~\n```\n/gavel review\n```\n~~~~",
        "    /gavel review",
        "/gavelreview",
        "",
    ],
)
def test_a_quoted_or_mentioned_call_is_none(body: str) -> None:
    assert command_in(body) is None


def test_a_call_after_a_closed_fence_counts() -> None:
    assert command_in("```py\nx = 1\n```\n/gavel rank") == Command(Verb.RANK)

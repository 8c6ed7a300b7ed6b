"""Code of other bots in the words of a review: where it belongs, and its verdict."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from judge.types import Snippet, SnippetKind, Verdict
from tests.worker.office import Office
from tests.worker.talk import TEXT, answer, reviewed, room, under
from worker.placing import placed
from worker.store.asks import AskState
from worker.types import Judged


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


ADD = Snippet("sums.py", "python", 1, 3, TEXT.rstrip(), SnippetKind.FUNCTION, "add")
JUDGED = [Judged(ADD, Verdict(0.1, -2.0, "m"))]


def found(body: str):
    return placed(under(body, author="copilot", is_bot=True), JUDGED, {"sums.py": TEXT}.get)


@pytest.mark.parametrize(
    "lead", ["`sums.py:3`", "**sums.py** lines 3-3", "In sums.py#L3", "sums.py\n\n> `3`: L3"]
)
def test_code_after_a_place_stands_there(lead: str) -> None:
    (remark,) = found(f"{lead}\n\n```python\n    return c + b\n```").on_lines
    assert (remark.path, remark.start_line, remark.end_line) == ("sums.py", 3, 3)
    assert remark.body == "```suggestion\n    return c + b\n```"


def test_a_mark_that_ends_no_line_of_a_file_ends_none_of_shown_code() -> None:
    (remark,) = found("sums.py:3\n\n```python\n    return '\u2028'\n```").on_lines
    assert remark.body == "```suggestion\n    return '\u2028'\n```"


def test_a_diff_stands_where_its_old_lines_are() -> None:
    (remark,) = found(
        "Swap:\n```diff\n     c = a\n-    return c - b\n+    return c + b\n```"
    ).on_lines
    assert (remark.path, remark.start_line, remark.end_line) == ("sums.py", 2, 3)
    assert "    c = a\n    return c + b\n" in remark.body
    assert not found("```diff\n-    return nowhere\n+    return c\n```").on_lines


def test_a_function_stands_in_the_place_of_its_namesake() -> None:
    (remark,) = found("```python\ndef add(a, b):\n    return a + b\n```").on_lines
    assert (remark.path, remark.start_line, remark.end_line) == ("sums.py", 1, 3)


def test_a_function_without_a_namesake_is_judged_alone() -> None:
    both = found("```py\ndef mul(a, b):\n    return a * b\n```")
    assert both.on_lines == ()
    (one,) = both.alone
    assert (one.snippet.name, one.snippet.language, one.author) == ("mul", "python", "copilot")


@pytest.mark.parametrize(
    "body",
    [
        "```\nTraceback: it failed\n```",
        "```python\nx = 1\n```",
        "`../../etc/passwd.py:1`\n```python\nx = 1\n```",
        "`other.py:3`\n```python\nx = 1\n```",
        "```text\n" + "sums.py:" * 9_000 + "\n```",
    ],
)
def test_logs_scraps_and_foreign_places_are_left_alone(body: str) -> None:
    assert found(body).on_lines == () == found(body).alone


def test_a_fence_in_the_code_does_not_end_the_suggestion() -> None:
    (remark,) = found("`sums.py:3`\n````python\n    x = '```'\n````").on_lines
    assert remark.body.startswith("````suggestion\n")


def test_code_in_the_words_of_a_bots_review_gets_a_verdict(office: Office) -> None:
    reviewed(room(office))
    body = "**Nitpick** `sums.py:3`\n```python\n    return c + b\n```"
    said = answer(office, office.say(under(body, author="rabbit", id="review-7", is_bot=True)))
    assert said.startswith("With this suggestion, `add` is **very likely to be correct**")
    assert "The code as it stands has 0.10" in said


def test_a_bots_function_that_stands_nowhere_gets_a_verdict_too(office: Office) -> None:
    reviewed(room(office))
    body = "Add this:\n```python\ndef mul(a, b):\n    return a * b\n```"
    said = answer(office, office.say(under(body, author="rabbit", is_bot=True)))
    assert said.startswith("With this suggestion, `mul` is **")


def test_a_person_who_shows_code_under_a_change_gets_no_unasked_answer(office: Office) -> None:
    reviewed(room(office))
    ask = office.say(under("```suggestion\nx = 1\n```", author="ann"))
    assert ask.state is AskState.DROPPED

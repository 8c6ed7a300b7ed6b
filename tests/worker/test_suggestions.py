from __future__ import annotations

import pytest

from judge.types import SnippetKind
from worker.jobs import ChangeRef, Remark
from worker.suggestions import blocks, candidates, overlaps, standing

CHANGE = ChangeRef("memory", "octo/hello", 7, "head")
TEXT = "import os\n\n\ndef add(a, b):\n    return a - b\n\n\ndef half(n):\n    return n / 2\n"


def remark(body: str, *, start: int = 5, end: int = 5, path: str = "sums.py") -> Remark:
    return Remark(CHANGE, "11", "11", "ann", False, body, path, start, end)


def suggestion(code: str, info: str = "suggestion") -> str:
    return f"How about\n\n```{info}\n{code}\n```\n"


def test_a_suggestion_is_judged_as_the_whole_function_that_it_would_make() -> None:
    (found,) = candidates(remark(suggestion("    return a + b")), TEXT, prompt="Sum")
    assert found.snippet.code == "def add(a, b):\n    return a + b"
    assert (found.snippet.kind, found.snippet.name) == (SnippetKind.FUNCTION, "add")
    assert (found.author, found.replacement) == ("ann", "    return a + b")
    assert found.snippet.prompt == "Sum"


def test_what_it_replaces_is_known_by_its_fingerprint() -> None:
    (found,) = candidates(remark(suggestion("    return a + b")), TEXT)
    now = standing(remark(""), TEXT)
    assert now is not None and now.snippet.code.endswith("return a - b")
    assert found.replaces == now.snippet.fingerprint


def test_gitlabs_reach_takes_lines_above_and_below() -> None:
    body = suggestion("def add(a, b):\n    return b + a", "suggestion:-1+0")
    (found,) = candidates(remark(body), TEXT)
    assert found.snippet.code == "def add(a, b):\n    return b + a"


def test_a_reach_over_the_edge_of_the_file_stops_there() -> None:
    (found,) = candidates(remark(suggestion("x = 1", "suggestion:-100+100")), TEXT)
    assert found.snippet.code == "x = 1"


def test_lines_outside_functions_are_no_whole_function_and_say_so() -> None:
    (found,) = candidates(remark(suggestion("import sys"), start=1, end=1), TEXT)
    assert found.snippet.kind is SnippetKind.HUNK and "+import sys" in found.snippet.diff


def test_several_suggestions_are_several_candidates() -> None:
    body = suggestion("    return a + b") + suggestion("    return sum((a, b))")
    codes = [one.snippet.code for one in candidates(remark(body), TEXT)]
    assert [code.splitlines()[1].strip() for code in codes] == [
        "return a + b",
        "return sum((a, b))",
    ]


def test_code_of_a_bot_without_a_suggestion_block_counts_for_the_lines_of_its_remark() -> None:
    (found,) = candidates(remark("Use:\n```python\n    return a + b\n```"), TEXT)
    assert found.snippet.code.endswith("return a + b")


def test_where_there_is_a_suggestion_other_code_is_talk() -> None:
    body = "```\n$ pytest\n```\n" + suggestion("    return a + b")
    assert len(candidates(remark(body), TEXT)) == 1


def test_an_empty_suggestion_deletes_its_lines() -> None:
    (found,) = candidates(remark("```suggestion\n```", start=1, end=1), TEXT)
    assert "-import os" in found.snippet.diff


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (9, 99)])
def test_lines_that_are_not_there_give_nothing(start: int, end: int) -> None:
    assert candidates(remark(suggestion("x"), start=start, end=end), TEXT) == ()
    assert standing(remark("", start=start, end=end), TEXT) is None


def test_carriage_returns_do_not_hide_a_function() -> None:
    (found,) = candidates(remark(suggestion("    return a + b")), TEXT.replace("\n", "\r\n"))
    assert found.snippet.code == "def add(a, b):\n    return a + b"


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0c", "\x1c"])
def test_a_line_ends_where_a_forge_ends_it(mark: str) -> None:
    code = f"    return '{mark}' + b"
    (found,) = candidates(remark(suggestion(code).replace("\n", "\r\n")), TEXT)
    assert found.snippet.code == f"def add(a, b):\n{code}"


def test_a_fence_inside_a_longer_fence_is_code() -> None:
    (found,) = blocks("````suggestion\n```\ninner\n```\n````")
    assert found.code == "```\ninner\n```" and found.is_suggestion


def test_a_wall_of_blocks_is_cut() -> None:
    assert len(blocks("```\nx\n```\n" * 50)) == 10


def test_words_alone_hold_no_suggestion() -> None:
    assert blocks("I suggest `a + b`.") == ()
    assert not any(one.is_suggestion for one in blocks("```python\nx\n```"))


def test_remarks_overlap_on_common_lines_of_one_file() -> None:
    assert overlaps(remark("", start=2, end=5), remark("", start=5, end=9))
    assert not overlaps(remark("", start=2, end=4), remark("", start=5, end=9))
    assert not overlaps(remark(""), remark("", path="other.py"))

"""Where a comment stands in GitLab's terms, and how its words are written there."""

import hashlib

import pytest

from judge.diff import parse
from worker.forges.gitlab_answers import Version
from worker.forges.gitlab_positions import (
    line_code,
    on_file,
    on_lines,
    words_elsewhere,
    words_on_lines,
    written,
)
from worker.types import Comment

VERSION = Version(id=3, head_commit_sha="h", base_commit_sha="b", start_commit_sha="s")
SHAS = {"base_sha": "b", "start_sha": "s", "head_sha": "h"}
MODIFIED = """\
diff --git a/old.py b/new.py
rename from old.py
rename to new.py
--- a/old.py
+++ b/new.py
@@ -10,4 +12,5 @@
 ten
-eleven
+ELEVEN
+TWELVE
 thirteen
 fourteen
"""
ADDED = """\
diff --git a/a.py b/a.py
new file mode 100644
--- /dev/null
+++ b/a.py
@@ -0,0 +1,2 @@
+one
+two
"""


def file(diff: str):
    return parse(diff)[0]


def comment(start: int, end: int, body: str = "Words.") -> Comment:
    return Comment("new.py", start, end, body, "f" * 16)


def place(start: int, end: int, diff: str = MODIFIED) -> dict[str, object]:
    found = on_lines(comment(start, end), file(diff), VERSION)
    assert found is not None
    return found


def test_an_added_line_has_its_new_number_alone() -> None:
    paths = {"old_path": "old.py", "new_path": "new.py", "position_type": "text"}
    assert place(13, 13) == {**SHAS, **paths, "new_line": 13}


def test_a_line_of_context_has_both_numbers() -> None:
    assert (place(15, 15)["old_line"], place(15, 15)["new_line"]) == (12, 15)


def test_a_new_file_has_its_path_on_both_sides() -> None:
    assert (place(1, 1, ADDED)["old_path"], place(1, 1, ADDED)["new_path"]) == ("a.py", "a.py")


def test_a_range_has_the_codes_of_both_ends_and_stands_on_the_last() -> None:
    digest = hashlib.sha1(b"new.py", usedforsecurity=False).hexdigest()
    found = place(13, 15)
    assert (found["new_line"], found["old_line"]) == (15, 12)
    assert found["line_range"] == {
        "start": {"line_code": f"{digest}_12_13", "type": "new", "new_line": 13},
        "end": {"line_code": f"{digest}_12_15", "old_line": 12, "new_line": 15},
    }


def test_the_codes_of_a_new_file_count_its_old_side_as_zero() -> None:
    ends = place(1, 2, ADDED)["line_range"]
    assert ends["start"]["line_code"] == line_code("a.py", old=0, new=1)
    assert ends["end"]["line_code"] == line_code("a.py", old=0, new=2)


@pytest.mark.parametrize(("start", "end"), [(1, 1), (11, 13), (16, 17), (99, 99)])
def test_lines_that_the_diff_does_not_show_have_no_position(start: int, end: int) -> None:
    assert on_lines(comment(start, end), file(MODIFIED), VERSION) is None


def test_a_file_as_a_whole_has_no_lines() -> None:
    assert on_file(file(MODIFIED), VERSION) == {
        **SHAS,
        "old_path": "old.py",
        "new_path": "new.py",
        "position_type": "file",
    }


@pytest.mark.parametrize(
    ("start", "end", "fence"),
    [
        (13, 13, "```suggestion:-0+0"),
        (13, 15, "```suggestion:-2+0"),
        (1, 101, "```suggestion:-100+0"),
        (1, 102, "```"),
    ],
)
def test_a_suggestion_says_how_many_lines_above_it_begins(start, end, fence) -> None:
    body = "Try:\n\n```suggestion\nreturn 1\n```\n\n<!-- gavel:fp=x -->"
    lines = words_on_lines(comment(start, end, body)).split("\n")
    assert lines == ["Try:", "", fence, "return 1", "```", "", "<!-- gavel:fp=x -->"]


def test_a_comment_elsewhere_names_its_lines_and_suggests_nothing() -> None:
    body = "Try:\n\n````suggestion\n```\n````\nEnd."
    said = words_elsewhere(comment(13, 15, body))
    assert said.split("\n") == [
        "`new.py` lines 13-15:", "", "Try:", "", "````", "```", "````", "End.",
    ]  # fmt: skip


def test_a_line_that_begins_with_a_slash_is_no_quick_action() -> None:
    body = "/merge\n  /close\n//\n/ 2\n```sh\n/bin/true\n```\n/label ~x"
    assert written(body, lines_above=None) == (
        "\\/merge\n  \\/close\n//\n/ 2\n```sh\n/bin/true\n```\n\\/label ~x"
    )

from __future__ import annotations

import pytest

from judge.train import history_words as words
from judge.train.history import Commit, Hunk, Lines, Patch, blame, is_small_fix
from judge.train.history_functions import said, units


def commit(subject: str, *patches: Patch, body: str = "", time: int = 0) -> Commit:
    return Commit("a" * 40, time, subject, body, patches)


def patch(path: str, header: str, *removed: str, old: str | None = None) -> Patch:
    hunk = Hunk.of(header)
    hunk.removed.extend(removed)
    return Patch(path if old is None else old, path, [hunk])


FIRST = commit("Add a", patch("a.py", "@@ -0,0 +1,4 @@", old=""))
SECOND = commit("Speed up", patch("a.py", "@@ -2 +2,2 @@", "    x"))
FIX = commit(
    "Fix a crash",
    patch("a.py", "@@ -3 +3 @@", "    return 1"),
    patch("tests/test_a.py", "@@ -0,0 +1,2 @@", old=""),
)


def test_every_line_keeps_the_commit_that_brought_it() -> None:
    lines = Lines()
    for one in (FIRST, SECOND):
        lines.apply(one)
    assert [lines.commit_of(one) for one in lines.of("a.py", 1, 9)] == [0, 1, 1, 0, 0]
    assert lines.of("b.py", 1, 9) == []


def test_lines_move_with_a_renamed_file_and_go_with_a_removed_one() -> None:
    lines = Lines()
    lines.apply(FIRST)
    moved = Patch("a.py", "b.py", [Hunk.of("@@ -1 +0,0 @@")])
    lines.apply(commit("Move", moved))
    assert [lines.commit_of(one) for one in lines.of("b.py", 1, 9)] == [0, 0, 0]
    assert lines.of("a.py", 1, 9) == []
    lines.apply(commit("Drop", Patch("b.py", "", [Hunk.of("@@ -1,3 +0,0 @@")])))
    assert lines.of("b.py", 1, 9) == []


def test_a_tested_fix_blames_the_commit_whose_line_it_removes() -> None:
    found = blame([FIRST, SECOND, FIX], is_source=words.is_source)
    assert set(found.bugs) == {1}
    assert found.fixes == {2}
    assert found.bugs[1] <= found.touched


def test_a_fix_without_a_test_blames_nothing_but_has_touched() -> None:
    untested = commit("Fix a crash", FIX.patches[0])
    found = blame([FIRST, SECOND, untested], is_source=words.is_source)
    assert not found.bugs
    assert found.touched


def test_comments_and_imports_are_not_blamed() -> None:
    silent = commit("Fix a crash", patch("a.py", "@@ -3 +3 @@", "    # one"), FIX.patches[1])
    assert not blame([FIRST, SECOND, silent], is_source=words.is_source).bugs


def test_lines_put_in_touch_their_neighbours() -> None:
    put_in = commit("Fix a crash", patch("a.py", "@@ -2,0 +3 @@"), FIX.patches[1])
    found = blame([FIRST, put_in], is_source=words.is_source)
    assert len(found.touched) == 2
    assert not found.bugs


def test_a_fix_of_many_files_is_not_small() -> None:
    many = [patch(f"a{n}.py", "@@ -1 +1 @@", "x") for n in range(3)]
    assert is_small_fix(FIX, is_source=words.is_source)
    assert not is_small_fix(commit("Fix a crash", *many, FIX.patches[1]), is_source=words.is_source)


@pytest.mark.parametrize(
    ("title", "is_fix"),
    [
        ("Fix crash on empty input", True),
        ("Closes #12: wrong offset", True),
        ("Fix typo in docs", False),
        ("Fix flaky test", False),
        ("Add a cache", False),
        ("Fix mypy errors", False),
    ],
)
def test_a_title_says_whether_code_was_wrong(title: str, is_fix: bool) -> None:
    assert words.says_fix(title) is is_fix


def test_a_merged_request_goes_by_its_own_title() -> None:
    merged = commit("Merge pull request #1 from a/b", body="Fix the parser\n\nLong story")
    assert merged.title == "Fix the parser"


def test_a_description_names_nobody_and_tells_no_fate() -> None:
    body = "See https://example.org/1, @someone.\nFixes #7\nSigned-off-by: A B <a@example.org>"
    told = words.description("Fix: handle empty lists (#12)", body)
    assert told == "handle empty lists"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/a.py", "source"),
        ("src/test_a.py", "test"),
        ("lib/a.test.ts", "test"),
        ("src/main/java/AbTest.java", "test"),
        ("pkg/a_test.go", "test"),
        ("vendor/x/a.go", "neither"),
        ("README.md", "neither"),
        ("dist/a.min.js", "neither"),
    ],
)
def test_paths_are_source_or_test_or_neither(path: str, kind: str) -> None:
    told = "test" if words.is_test(path) else "source" if words.is_source(path) else "neither"
    assert told == kind


SCRIPT = """class A {
  run(a) {
    return a
  }
}
const go = (a) => {
  return a
}
module.exports.stop = function () {
  return 1
}
function one() { return 1 }
"""


def test_named_functions_are_found_with_their_classes() -> None:
    found = units(SCRIPT, "javascript")
    assert set(found) == {"A.run", "go", "module.exports.stop"}
    assert found["go"].code.startswith("const go")
    assert (found["A.run"].start_line, found["A.run"].end_line) == (2, 4)


def test_decorators_belong_to_a_function_and_names_used_twice_are_left_out() -> None:
    text = (
        "@cached\ndef a():\n    x = 1\n    return x\n\n\n"
        + "def b():\n    y = 1\n    return y\n" * 2
    )
    found = units(text, "python")
    assert set(found) == {"a"}
    assert found["a"].code.startswith("@cached\ndef a")
    assert units(text, "klingon") == {}


def test_a_name_that_a_short_function_has_too_is_left_out() -> None:
    overloads = "class A {\n  int a(int x) { return x; }\n  int a() {\n    return 1;\n  }\n}\n"
    assert units(overloads, "java") == {}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("def f(a):\n    # why\n    return 'a\\n b'  # so\n", True),
        ('def f(a):\n    """Says."""\n    return \'a\\n b\'\n', True),
        ("def f(a):\n    return 'c\\n d'\n", False),
        ("def f(b):\n    return 'a\\n b'\n", False),
    ],
)
def test_what_code_says_is_without_its_words_for_people(other: str, is_same: bool) -> None:
    code = "def f(a):\n    return 'a\\n b'\n"
    assert (said(code, "python") == said(other, "python")) is is_same

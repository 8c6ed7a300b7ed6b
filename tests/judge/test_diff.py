"""What a diff says: names, kinds and line numbers, from golden pairs, by hand and at random."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.diff import DiffError, FileDiff, parse

GOLDEN = Path(__file__).parent.parent / "diffs"
PAIRS = sorted(path.stem for path in GOLDEN.glob("*.diff"))
KINDS = ("binary", "deleted", "new", "rename", "copy", "symlink", "submodule")

ONE = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,2 +1,3 @@
 one
+two
 three
"""


def told(file: FileDiff) -> dict[str, object]:
    """A file in the words of the golden files."""
    return {
        "path": file.path,
        "old_path": file.old_path,
        "mode": file.mode,
        "is": [kind for kind in KINDS if getattr(file, f"is_{kind}")],
        "hunks": [
            {
                "new": [hunk.new_start, hunk.new_lines],
                "old": [hunk.old_start, hunk.old_lines],
                "added": {str(line.new_line): line.text for line in hunk.lines if line.kind == "+"},
                "removed": {
                    str(line.old_line): line.text for line in hunk.lines if line.kind == "-"
                },
            }
            for hunk in file.hunks
        ],
    }


def test_every_golden_diff_has_its_answer() -> None:
    assert len(PAIRS) >= 25
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == PAIRS


@pytest.mark.parametrize("name", PAIRS)
def test_golden_diffs_are_read_as_git_meant_them(name: str) -> None:
    text = (GOLDEN / f"{name}.diff").read_bytes().decode("utf-8")
    expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert [told(file) for file in parse(text)] == expected


@pytest.mark.parametrize("text", ["", "\n", " \r\n\t\n", "\ufeff"])
def test_an_empty_diff_has_no_files(text: str) -> None:
    assert parse(text) == ()


def test_added_and_context_lines_take_comments_and_removed_ones_do_not() -> None:
    (file,) = parse(ONE.replace("+two", "-gone\n+two").replace("-1,2", "-1,3"))
    assert file.added_lines == (2,)
    assert file.commentable_lines == {1, 2, 3}
    assert [line.old_line for line in file.hunks[0].lines] == [1, 2, None, 3]


def test_a_diff_whose_every_line_ends_in_crlf_names_the_same_file() -> None:
    (file,) = parse(ONE.replace("\n", "\r\n"))
    assert (file.path, file.added_lines) == ("a.py", (2,))


def test_a_byte_order_mark_before_the_diff_is_ignored() -> None:
    assert parse("\ufeff" + ONE) == parse(ONE)


def test_an_empty_context_line_may_have_lost_its_space() -> None:
    (file,) = parse(ONE.replace("@@ -1,2 +1,3 @@\n one", "@@ -1,3 +1,4 @@\n\n one"))
    assert file.added_lines == (3,)


def test_names_follow_the_mnemonic_prefixes() -> None:
    (file,) = parse(ONE.replace("a/a.py", "i/src/a.py").replace("b/a.py", "w/src/a.py"))
    assert (file.path, file.old_path, file.is_rename) == ("src/a.py", "src/a.py", False)


def test_a_submodule_is_told_from_a_file() -> None:
    text = (
        "diff --git a/lib b/lib\nindex 1111111..2222222 160000\n--- a/lib\n+++ b/lib\n"
        "@@ -1 +1 @@\n-Subproject commit 1111111\n+Subproject commit 2222222\n"
    )
    (file,) = parse(text)
    assert file.is_submodule


def test_a_merge_that_removes_what_only_the_other_side_had_keeps_the_numbers_right() -> None:
    text = (
        "diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n"
        "@@@ -1,3 -1,4 +1,3 @@@\n  one\n -theirs\n- ours\n++both\n  two\n -more\n"
    )
    (file,) = parse(text)
    assert file.added_lines == (2,)
    assert [(line.kind, line.text, line.old_line) for line in file.hunks[0].lines] == [
        (" ", "one", 1),
        ("-", "ours", 2),
        ("+", "both", None),
        (" ", "two", 3),
    ]


def test_a_merge_of_three_parents_is_read() -> None:
    text = "diff --cc a.py\n--- a/a.py\n+++ b/a.py\n@@@@ -1,1 -1,1 -1,1 +1,2 @@@@\n   one\n+++two\n"
    (file,) = parse(text)
    assert file.added_lines == (2,)


REFUSED = {
    "prose": ("Dear all,\nplease find attached\n", "there is no diff in this text"),
    "a context diff": ("*** a.py\n--- b.py\n***************\n*** 1 ****\n", "there is no diff"),
    "colours": ("\x1b[1m" + ONE.replace("\n", "\x1b[m\n\x1b[1m"), "--no-color"),
    "cut short in a hunk": (ONE[: ONE.index(" three")], "shorter than expected"),
    "cut short before the hunk": (ONE[: ONE.index("@@")], "cut short"),
    "another file inside a hunk": (ONE.replace(" three\n", "") + ONE, "shorter than expected"),
    "a line without mark": (ONE.replace(" three", "three"), "'a.py'"),
    "more lines than told": (ONE.replace("+two", "-a\n-b\n-c"), "longer than expected"),
    "overlapping hunks": (ONE + "@@ -1 +2 @@\n-a\n+b\n", "overlap"),
    "lines before the first": (ONE.replace("+1,3", "+0,3"), "overlap or go backwards"),
    "a series of patches": (ONE + ONE, "2 times"),
    "no names": ("diff --git\x20\nnew file mode 100644\n", "file names"),
    "ambiguous names": ("diff --git a b c\nnew file mode 100644\n", "file names"),
    "a merge cut short": (
        "diff --cc a.py\n--- a/a.py\n+++ b/a.py\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n",
        "merge is shorter",
    ),
    "a merge with a bad line": (
        "diff --cc a.py\n--- a/a.py\n+++ b/a.py\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n+-b\n",
        "merge is shorter",
    ),
    "a merge with a bad head": ("diff --cc a\n--- a/a\n+++ b/a\n@@@ -1 +1 @@@\n", "merge hunk"),
    "a number beyond all numbers": (ONE.replace("-1,2", "-" + "9" * 5000), "'a.py'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(DiffError) as refusal:
        parse(text)
    message = str(refusal.value)
    assert words in message
    assert "\n" not in message and "\x1b" not in message and len(message) < 400


def test_a_diff_of_many_lines_keeps_its_numbers() -> None:
    body = "".join(f"+line {number}\n" for number in range(1, 100_001))
    (file,) = parse(f"--- /dev/null\n+++ b/big.py\n@@ -0,0 +1,100000 @@\n{body}")
    assert file.is_new
    assert file.hunks[0].lines[-1].text == f"line {file.added_lines[-1]}" == "line 100000"


LINE = st.text(
    st.one_of(
        st.sampled_from(" +-@\\\t\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\raé{}"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\n"),
    ),
    max_size=12,
)
LINES = st.lists(LINE, max_size=25)


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Two files that share some of their lines."""
    old = draw(LINES)
    new = list(old)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(new)))
        end = draw(st.integers(start, min(len(new), start + 4)))
        new[start:end] = draw(st.lists(LINE, max_size=4))
    return old, new


def rebuilt(old: list[str], file: FileDiff) -> list[str]:
    """The new side: the hunks' lines where they say they are, the old file's in between."""
    new: list[str] = []
    taken = 0
    for hunk in file.hunks:
        start = hunk.old_start - (hunk.old_lines > 0)
        new.extend(old[taken:start])
        for line in hunk.lines:
            if line.new_line is not None:
                new.append(line.text)
                assert line.new_line == len(new)
            if line.old_line is not None:
                assert old[line.old_line - 1] == line.text
        taken = start + hunk.old_lines
    return new + old[taken:]


@given(edits(), st.integers(0, 3))
def test_the_new_side_comes_back_from_any_diff_of_difflib(
    pair: tuple[list[str], list[str]], context: int
) -> None:
    old, new = pair
    diff = difflib.unified_diff(old, new, "a/x.py", "b/x.py", n=context, lineterm="")
    text = "\n".join(diff) + "\n"
    files = parse(text)
    assert (rebuilt(old, files[0]) if files else old) == new


def lines_of(text: str) -> list[str]:
    """The lines of a file as git counts them: an empty file has none."""
    return text.removesuffix("\n").split("\n") if text else []


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@settings(max_examples=25, deadline=None)
@given(edits())
def test_the_new_side_comes_back_from_any_diff_of_git(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[list[str], list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("git")
    for name, lines in zip(("old", "new"), pair, strict=True):
        (folder / name).write_bytes("\n".join(lines).encode())
    command = ["git", "diff", "--no-index", "--text", "--no-color", "--no-ext-diff", "old", "new"]
    text = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout.decode()
    files = parse(text)
    old, new = (lines_of("\n".join(lines)) for lines in pair)
    assert (rebuilt(old, files[0]) if files else old) == new


@given(st.text(st.sampled_from("-+@ 012,ab/\n\\\"'\r\x1bdifgt"), max_size=300))
def test_garbage_is_read_or_refused_and_never_crashes(text: str) -> None:
    try:
        for file in parse("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n" + text):
            assert file.path
    except DiffError as refusal:
        assert str(refusal)

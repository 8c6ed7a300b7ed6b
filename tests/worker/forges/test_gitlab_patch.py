"""A diff put together from GitLab's list of files is one that git could have printed."""

import subprocess

import pytest

from judge.diff import parse
from worker.forges.gitlab_answers import Change
from worker.forges.gitlab_patch import Patch, added_lines, assemble, is_withheld
from worker.forges.hunks import hunks_between

HUNKS = "@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n"


def change(new: str = "a.py", old: str = "", **given) -> Change:
    base = {"old_path": old or new, "new_path": new, "a_mode": "100644", "b_mode": "100644"}
    return Change.model_validate({**base, "diff": HUNKS, **given})


def parsed(one: Change, hunks: str = HUNKS):
    (file,) = parse(assemble([Patch(one, hunks)]))
    return file


@pytest.mark.parametrize(
    "path",
    ["a.py", "with space/ünï.py", 'quo"te.py', "back\\slash.py", "tab\tnew\nline.py", "b/ b/c"],
)
def test_any_name_is_read_back(path: str) -> None:
    file = parsed(change(path))
    assert (file.path, file.old_path) == (path, path) and len(file.hunks) == 1


def test_a_new_a_deleted_and_a_renamed_file_are_told_as_such() -> None:
    assert parsed(change(new_file=True, a_mode="0"), "@@ -0,0 +1,1 @@\n+x\n").is_new
    assert parsed(change(deleted_file=True, b_mode="0"), "@@ -1,1 +0,0 @@\n-x\n").is_deleted
    renamed = parsed(change("new.py", "old.py", renamed_file=True), "")
    assert (renamed.path, renamed.old_path, renamed.is_rename) == ("new.py", "old.py", True)


def test_a_changed_mode_and_a_binary_file_are_told_as_such() -> None:
    assert parsed(change(b_mode="100755"), "").mode == "100755"
    assert parsed(change(), "Binary files a/a.py and b/a.py differ\n").is_binary


def test_lines_that_nobody_shows_are_counted_for_the_reader() -> None:
    (file,) = parse(assemble([Patch(change(), "", withheld=70_000)]))
    assert (file.withheld, file.hunks) == (70_000, ())


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [(b"", b"a\nb\n", 2), (b"a\nb\n", b"a\nc\nc\nb\n", 2), (b"a\n", b"a\n", 1), (b"a\n", b"", 1)],
)
def test_added_lines_are_those_that_the_old_text_has_not(old, new, count) -> None:
    assert added_lines(old, new) == count


def test_hunks_without_a_last_newline_do_not_run_into_the_next_file() -> None:
    text = assemble([Patch(change("a.py"), HUNKS.rstrip("\n")), Patch(change("b.py"), HUNKS)])
    assert [file.path for file in parse(text)] == ["a.py", "b.py"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"diff": "", "collapsed": True}, True),
        ({"diff": "", "too_large": True}, True),
        ({"diff": None, "too_large": True}, True),
        ({"collapsed": True}, False),
        ({"diff": ""}, True),
        ({"diff": "", "collapsed": None, "too_large": None}, True),
        ({"diff": "", "new_file": True, "a_mode": "0"}, True),
        ({"diff": "", "renamed_file": True}, False),
        ({"diff": "", "renamed_file": True, "too_large": True}, True),
        ({"diff": "", "deleted_file": True}, False),
        ({"diff": "", "b_mode": "100755"}, False),
    ],
)
def test_hunks_are_withheld_where_gitlab_says_so_or_nothing_else_explains_it(
    given, expected
) -> None:
    assert is_withheld(change(**given)) is expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("", "one\ntwo"),
        ("one\ntwo", "one\ntwo\n"),
        ("x\n" * 30, "x\n" * 15 + "y\n" + "x\n" * 15),
        ("form\x0cfeed\u2028\n", "form\x0cfeed\n"),
        ("gone\n", ""),
    ],
)
def test_hunks_that_we_make_turn_the_old_text_into_the_new(old, new, tmp_path) -> None:
    (tmp_path / "a.py").write_bytes(old.encode())
    text = assemble([Patch(change(), hunks_between(old, new))])
    done = subprocess.run(
        ["git", "apply", "--unidiff-zero", "-"],
        cwd=tmp_path,
        input=text.encode(),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "a.py").read_bytes().decode() == new

"""Histories that real repositories have: renames, moves, words for people, odd settings."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from judge.train import history_words as words
from judge.train.changes_files import join, mine_into, names_of
from judge.train.changes_mine import mine
from judge.train.history import Commit, Lines, blame
from judge.train.history_git import GitHistory, HistoryError

DAY = 86_400
HEAD = "def head(values):\n    first = values[0]\n    return first\n"
TAIL = "def tail(values):\n    last = values[1]\n    return last\n"
MENDED = TAIL.replace("[1]", "[-1]")
TEST = {"test_code.py": "assert True\n"}


class Clone:
    def __init__(self, path: Path) -> None:
        self.path, self.day = path, 0
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        when = f"{1_500_000_000 + self.day * DAY} +0000"
        subprocess.run(
            ["git", "-C", str(self.path), *identity, *arguments],
            check=True,
            env={"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when, "PATH": "/usr/bin:/bin"},
        )

    def commit(self, subject: str, files: Mapping[str, str] | None = None) -> None:
        for name, text in (files or {}).items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        self.day += 10


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "team+tool")


def commits(clone: Clone) -> Sequence[Commit]:
    with GitHistory(clone.path) as git:
        return list(git.commits([".py"]))


def test_lines_stay_with_a_file_that_is_renamed_and_nothing_else(clone: Clone) -> None:
    clone.commit("Add the start", {"code.py": "x = 1\n" + HEAD})
    clone.git("mv", "code.py", "moved.py")
    clone.commit("Rename")
    clone.commit("Add the end", {"moved.py": "x = 1\n" + HEAD + TAIL})
    lines = Lines()
    for one in commits(clone):
        lines.apply(one)
    assert [lines.commit_of(one) for one in lines.of("moved.py", 1, 99)] == [0] * 4 + [2] * 3
    clone.commit("Fix the end", {"moved.py": "x = 1\n" + HEAD + MENDED, **TEST})
    assert set(blame(commits(clone), is_source=words.is_source).bugs) == {2}


def test_a_fix_that_also_moves_a_function_or_indents_it_anew_does_not_blame_it(
    clone: Clone,
) -> None:
    inner = "".join(f"    {line}\n" for line in HEAD.splitlines())
    clone.commit("Add both", {"code.py": HEAD + "\n\n" + TAIL})
    clone.commit("Fix the end", {"code.py": MENDED + "\n\nclass A:\n" + inner, **TEST})
    found = commits(clone)
    (ids,) = blame(found, is_source=words.is_source).bugs.values()
    lines = Lines()
    lines.apply(found[0])
    assert [n for n, one in enumerate(lines.of("code.py", 1, 99), 1) if one in ids] == [7]


def test_a_function_whose_words_for_people_alone_were_changed_is_not_called_wrong(
    clone: Clone,
) -> None:
    told = HEAD.replace("    first", '    """The first."""\n    first').replace(
        "return first", "return first  # of many"
    )
    clone.commit("Add both", {"code.py": HEAD + "\n\n" + TAIL})
    clone.commit("Fix the end", {"code.py": told + "\n\n" + MENDED, **TEST})
    rows = [row for row in mine(clone.path, name="team/tool").rows if row["kind"] == "fix"]
    assert {row["function"] for row in rows} == {"tail"}


def test_a_repositorys_own_settings_do_not_change_what_is_read(clone: Clone) -> None:
    clone.commit("Add both", {"ö/code.py": HEAD + "\n\n" + TAIL})
    clone.commit("Fix the end", {"ö/code.py": HEAD + "\n\n" + MENDED, **TEST})
    plain = mine(clone.path, name="team/tool").rows
    assert plain
    for setting in (
        *("diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.interHunkContext=9"),
        *("log.showRoot=false", "log.follow=true", "diff.context=9", "diff.algorithm=patience"),
    ):
        clone.git("config", *setting.split("="))
    assert mine(clone.path, name="team/tool").rows == plain


def test_another_repositorys_variables_do_not_change_which_one_is_read(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.commit("Add both", {"code.py": HEAD})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert len(commits(clone)) == 1


def test_a_shallow_clone_is_refused_with_the_remedy(clone: Clone, tmp_path: Path) -> None:
    clone.commit("Add both", {"code.py": HEAD})
    clone.commit("Go on", {"code.py": TAIL})
    clone.git("clone", "-q", "--depth", "1", f"file://{clone.path}", str(tmp_path / "shallow"))
    with pytest.raises(HistoryError, match="git fetch --unshallow"):
        mine(tmp_path / "shallow", name="team/tool")


def test_a_history_that_breaks_off_is_not_taken_for_a_whole_one(clone: Clone) -> None:
    clone.commit("Add both", {"code.py": HEAD + TAIL})
    clone.commit("Fix the end", {"code.py": HEAD + MENDED, **TEST})
    clone.commit("Go on", {"other.py": "import os\n"})
    listed = subprocess.run(
        ["git", "-C", str(clone.path), "rev-parse", "HEAD^:code.py"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (clone.path / ".git" / "objects" / listed[:2] / listed[2:]).unlink()
    with pytest.raises(HistoryError, match="to its end"):
        commits(clone)


def test_a_manifest_that_a_kill_cut_short_is_made_anew(clone: Clone, tmp_path: Path) -> None:
    clone.commit("Add both", {"code.py": HEAD})
    told = mine_into(clone.path, tmp_path / "mined")
    manifest = tmp_path / "mined" / "repositories" / "team+tool.jsonl.gz.manifest.json"
    manifest.write_text(manifest.read_text()[:40])
    assert join(tmp_path / "mined").repositories == {"train": [], "validation": []}
    assert mine_into(clone.path, tmp_path / "mined") == told


def test_two_repositories_of_one_name_do_not_take_each_others_place(
    clone: Clone, tmp_path: Path
) -> None:
    clone.commit("Add both", {"code.py": HEAD})
    (tmp_path / "b").mkdir()
    other = Clone(tmp_path / "b" / "team+tool")
    other.commit("Add both", {"code.py": HEAD})
    assert names_of([clone.path]) == ["team/tool"]
    with pytest.raises(HistoryError, match="two repositories are called team/tool"):
        names_of([clone.path, other.path])

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.local import LocalRepository, find
from bot.problems import CouldNotJudge, WrongUse
from judge.diff import parse

Git = Callable[..., str]


def commit(git: Git, message: str = "x") -> str:
    git("add", "-A")
    git("commit", "-q", "-m", message)
    return git("rev-parse", "HEAD")


def added(repository: LocalRepository, since: str) -> dict[str, list[str]]:
    return {
        file.path: [line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+"]
        for file in parse(repository.diff(since))
    }


def test_the_working_tree_staged_and_new_files_included(git: Git, top: Path) -> None:
    (top / ".gitignore").write_text("*.log\n")
    for name in ("kept.py", "staged.py", "gone.py"):
        (top / name).write_text("a = 1\n")
    head = commit(git)
    (top / "kept.py").write_text("a = 2\n")
    (top / "staged.py").write_text("a = 3\n")
    git("add", "staged.py")
    (top / "gone.py").unlink()
    (top / "new file.py").write_text("b = 1\n")
    (top / "secret.log").write_text("no\n")
    before = (top / ".git" / "index").read_bytes()
    assert added(find(top), head) == {
        "kept.py": ["a = 2"],
        "staged.py": ["a = 3"],
        "gone.py": [],
        "new file.py": ["b = 1"],
    }
    assert (top / ".git" / "index").read_bytes() == before


@pytest.mark.parametrize(
    "name",
    ['with "quotes".py', "tab\there.py", "é漢.py", ":(glob)*.py", "-n", "new\nline.py", "a b"],
)
def test_names_of_every_kind_are_told_and_read(git: Git, top: Path, name: str) -> None:
    (top / "other.py").write_text("x\n")
    head = commit(git)
    (top / name).write_text("y = 1\n")
    repository = find(top)
    assert added(repository, head) == {name: ["y = 1"]}
    assert repository.file(name) == "y = 1\n"


def test_an_edit_of_the_same_size_in_the_second_of_the_commit_is_seen(git: Git, top: Path) -> None:
    git("config", "core.trustctime", "false")
    path, second = top / "a.py", (1_700_000_000, 1_700_000_000)
    path.write_text("a + b\n")
    os.utime(path, second)
    base = commit(git)
    os.utime(top / ".git" / "index", second)
    path.write_text("a - b\n")
    os.utime(path, second)
    assert added(find(top), base) == {"a.py": ["a - b"]}


def test_a_repository_without_a_commit_is_all_new(git: Git, top: Path) -> None:
    (top / "staged.py").write_text("a\n")
    git("add", "staged.py")
    (top / "new.py").write_text("b\n")
    repository = find(top)
    assert added(repository, repository.head()) == {"new.py": ["b"], "staged.py": ["a"]}
    assert repository.file_at(repository.head(), ".gavel.toml") is None


def test_a_base_is_where_head_left_it(git: Git, top: Path) -> None:
    (top / "a.py").write_text("a\n")
    common = commit(git)
    git("checkout", "-q", "-b", "feature")
    (top / "mine.py").write_text("mine\n")
    commit(git)
    git("checkout", "-q", "main")
    (top / "theirs.py").write_text("theirs\n")
    tip = commit(git)
    git("checkout", "-q", "feature")
    repository = find(top)
    assert repository.resolve("main") == tip
    assert repository.merge_base(tip) == common
    assert list(added(repository, common)) == ["mine.py"]


def test_histories_without_a_common_commit_are_told(git: Git, top: Path) -> None:
    (top / "a").write_text("a\n")
    first = commit(git)
    git("checkout", "-q", "--orphan", "other")
    commit(git, "another beginning")
    with pytest.raises(WrongUse, match="no commit in common"):
        find(top).merge_base(first)


@pytest.mark.parametrize("revision", ["nope", "--help", "-n1", "--output=x", "", "HEAD:a", "a..b"])
def test_what_names_no_commit_is_told_and_is_never_an_option(
    git: Git, top: Path, revision: str
) -> None:
    (top / "a").write_text("a\n")
    commit(git)
    with pytest.raises(WrongUse, match="unknown revision"):
        find(top).resolve(revision)
    assert sorted(path.name for path in top.iterdir()) == [".git", "a"]


def test_a_folder_below_means_the_whole_repository(git: Git, top: Path) -> None:
    (top / "below").mkdir()
    (top / "a.py").write_text("a\n")
    assert find(top / "below").root == top.resolve()
    assert list(added(find(top / "below"), find(top).head())) == ["a.py"]


def test_what_is_no_repository_is_told(git: Git, top: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="not inside a git repository"):
        find(tmp_path)
    with pytest.raises(WrongUse, match="is not a folder"):
        find(tmp_path / "none")
    git("init", "-q", "--bare", str(tmp_path / "bare"))
    with pytest.raises(WrongUse, match="bare repository"):
        find(tmp_path / "bare")


def test_no_program_that_the_repository_names_is_run(git: Git, top: Path) -> None:
    (top / ".gitattributes").write_text("*.py diff=evil\n")
    (top / "a.py").write_text("a\n")
    head = commit(git)
    for key in ("diff.external", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor"):
        git("config", key, f"touch {top}/pwned; false")
    git("config", "core.pager", f"touch {top}/pwned")
    (top / "a.py").write_text("b\n")
    assert added(find(top), head) == {"a.py": ["b"]}
    assert not (top / "pwned").exists()


def test_settings_of_the_user_do_not_change_the_diff(git: Git, top: Path) -> None:
    (top / "a b.py").write_text("1\n2\n3\n4\n5\n\n7\n8\n9\n")
    head = commit(git)
    (top / "a b.py").write_text("1\n2\n3\n4\nfive\n\n7\n8\n9\n")
    plain = find(top).diff(head)
    for setting in (
        "diff.noprefix=true",
        "diff.mnemonicPrefix=true",
        "diff.relative=true",
        "diff.context=0",
        "diff.suppressBlankEmpty=true",
        "color.ui=always",
        "diff.srcPrefix=x/",
        "diff.wordRegex=.",
        "core.quotePath=false",
    ):
        git("config", *setting.split("=", 1))
    assert find(top).diff(head) == plain


def test_the_folder_says_which_repository_and_not_the_environment(
    git: Git, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "a.py").write_text("a\n")
    git("init", "-q", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    assert find(top).root == top.resolve()
    assert list(added(find(top), find(top).head())) == ["a.py"]


def test_renames_are_told_as_renames(git: Git, top: Path) -> None:
    (top / "old.py").write_text("\n".join(f"line_{n} = {n}" for n in range(30)))
    head = commit(git)
    git("mv", "old.py", "new.py")
    (file,) = parse(find(top).diff(head))
    assert (file.path, file.old_path, file.is_rename) == ("new.py", "old.py", True)


def test_submodules_and_repositories_inside_are_left_out(
    git: Git, top: Path, tmp_path: Path
) -> None:
    (top / "a").write_text("a\n")
    commit(git)
    git("clone", "-q", str(top), str(tmp_path / "other"))
    git("submodule", "--quiet", "add", str(tmp_path / "other"), "sub")
    head = commit(git)
    (top / "sub" / "a").write_text("changed\n")
    (top / "inner").mkdir()
    subprocess.run(["git", "init", "-q", str(top / "inner")], check=True)
    (top / "inner" / "b.py").write_text("b\n")
    assert added(find(top), head) == {}


def test_a_merge_with_conflicts_is_refused_with_the_file(git: Git, top: Path) -> None:
    (top / "a b.py").write_text("1\n")
    commit(git)
    git("checkout", "-q", "-b", "other")
    (top / "a b.py").write_text("2\n")
    commit(git)
    git("checkout", "-q", "main")
    (top / "a b.py").write_text("3\n")
    head = commit(git)
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", "other")
    with pytest.raises(CouldNotJudge, match=r"'a b\.py' has merge conflicts"):
        find(top).diff(head)


def test_nothing_outside_the_repository_is_read(git: Git, top: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (top / "link").symlink_to(tmp_path / "secret")
    (top / "folder").symlink_to(tmp_path)
    (top / "real").write_text("fine\n")
    repository = find(top)
    assert repository.file("real") == "fine\n"
    for path in (
        "link",
        "folder/secret",
        "../secret",
        "folder/../secret",
        str(tmp_path / "secret"),
        ".git/config",
        ".GIT/config",
        "",
        ".",
        "no\0name",
    ):
        assert repository.file(path) is None, path


def test_what_is_no_text_file_has_no_text(git: Git, top: Path) -> None:
    (top / "binary").write_bytes(b"a\0b")
    (top / "folder").mkdir()
    os.mkfifo(top / "pipe")
    (top / "latin").write_bytes(b"caf\xe9\r\n")
    repository = find(top)
    assert [repository.file(name) for name in ("binary", "folder", "pipe", "none")] == [None] * 4
    assert repository.file("latin") == "caf\ufffd\r\n"


def test_a_file_is_read_at_a_commit_and_not_through_a_link(git: Git, top: Path) -> None:
    (top / ".gavel.toml").write_text("limit = 1\n")
    (top / "link").symlink_to(".gavel.toml")
    head = commit(git)
    (top / ".gavel.toml").write_text("limit = 9\n")
    repository = find(top / ".git" / "..")
    assert repository.file_at(head, ".gavel.toml") == "limit = 1\n"
    assert repository.file_at(head, "link") is None
    assert repository.file_at(head, "none") is None


def test_a_linked_worktree_is_a_repository_too(git: Git, top: Path, tmp_path: Path) -> None:
    (top / "a.py").write_text("a\n")
    head = commit(git)
    git("worktree", "add", "-q", str(tmp_path / "tree"))
    (tmp_path / "tree" / "new.py").write_text("new\n")
    assert added(find(tmp_path / "tree"), head) == {"new.py": ["new"]}

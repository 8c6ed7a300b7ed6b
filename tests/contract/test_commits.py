"""Commits on both forges: what one changes, and those that landed on the base branch."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.demo.github_double_state import Commit

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = "2026-02-01T00:00:00Z", "2026-03-02T00:00:00Z"
DIFF = "diff --git a/app.py b/app.py\n--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-a\n+b\n"


def test_githubs_landed_commits_come_the_oldest_first_with_their_times(github) -> None:
    for sha, at in (("a" * 40, OLD), ("b" * 40, NEW), ("c" * 40, NEW)):
        commit = Commit(sha, "Ann", f"Fix {sha[0]}", at)
        github.double.land(repo=github.repo, commit=commit, diff=DIFF)
    found = github.forge.landed(github.change(), since=SINCE)
    assert [(one.sha[0], one.message) for one in found] == [("b", "Fix b"), ("c", "Fix c")]
    assert found[0].at == datetime(2026, 3, 2, tzinfo=UTC)


def test_githubs_commit_shows_its_diff_or_none(github) -> None:
    github.double.add_commit_diff(repo=github.repo, sha="d" * 40, diff=DIFF)
    assert github.forge.commit_diff(github.change(), "d" * 40) == DIFF
    assert github.forge.commit_diff(github.change(), "e" * 40) is None


def test_gitlabs_landed_commits_come_the_oldest_first_with_their_times(gitlab) -> None:
    gitlab.double.state.landed[gitlab.repo, "main"] = [
        {"id": sha * 40, "message": f"Fix {sha}", "at": at}
        for sha, at in (("a", OLD), ("b", NEW), ("c", NEW))
    ]
    found = gitlab.forge.landed(gitlab.change(), since=SINCE)
    assert [(one.sha[0], one.message) for one in found] == [("b", "Fix b"), ("c", "Fix c")]
    assert found[0].at == datetime(2026, 3, 2, tzinfo=UTC)


def test_gitlabs_commit_shows_its_diff_or_none(gitlab) -> None:
    gitlab.double.state.commit_diffs[gitlab.repo, "d" * 40] = DIFF
    assert gitlab.forge.commit_diff(gitlab.change(), "d" * 40) == DIFF
    assert gitlab.forge.commit_diff(gitlab.change(), "e" * 40) is None

"""Read what happened on a branch of a local clone. Acts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.git import GitRefused, git
from judge.diff import DiffError, FileDiff, parse
from worker.feedback_history import Commit

MOST_COMMITS = 2_000
MOST_BYTES = 1_000_000  # of one commit: a larger one is no fix of a line
FORM = "--format=%x00%H%x1f%cI%x1f%s"


def commits(folder: Path, *, since: datetime) -> list[Commit]:
    """The commits of HEAD since then, without merges, the oldest first. Raises GitRefused."""
    told = git(
        folder,
        "log",
        "--no-merges",
        "--reverse",
        f"--max-count={MOST_COMMITS}",
        f"--since={since.isoformat()}",
        FORM,
        "--patch",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "HEAD",
    ).decode("utf-8", "surrogateescape")
    return [_commit(text) for text in told.split("\0") if text]


def file_at_head(folder: Path, path: str) -> str | None:
    """The text of a file at HEAD, or None where it is gone."""
    try:
        named = f"HEAD:{path}"
        return git(folder, "show", "--end-of-options", named).decode("utf-8", "surrogateescape")
    except GitRefused:
        return None


def _commit(text: str) -> Commit:
    head, _, diff = text.partition("\n")
    sha, at, title = head.split("\x1f", 2)
    return Commit(sha, title, datetime.fromisoformat(at), _files(diff))


def _files(diff: str) -> tuple[FileDiff, ...]:
    """The files of a commit; none where it is too large or cannot be read."""
    try:
        return parse(diff) if len(diff) <= MOST_BYTES else ()
    except DiffError:
        return ()

"""Decide what later history shows about judged code: fixed, reverted or kept. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from judge.diff import FileDiff
from judge.types import Snippet
from worker.feedback import Signal
from worker.text import lines_in

FIX = re.compile(r"\b(?:fix(?:e[sd]|ing)?|bug ?fix|hotfix|repair(?:s|ed)?)\b", re.IGNORECASE)
REVERT = re.compile(r"^revert\b", re.IGNORECASE)
MOST_REVERTED = 0.8  # of the lines of a snippet: a revert of less is a change like others
SHORTEST = 4  # characters: "}", "else" and the like are everywhere


@dataclass(frozen=True, slots=True)
class Judged:
    """Code that a published review judged.

    at  when the review was asked for
    """

    snippet: Snippet
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the base branch."""

    sha: str
    title: str
    at: datetime
    files: Sequence[FileDiff]


def shown(
    code: Judged, later: Iterable[Commit], text: str | None, *, within: timedelta, now: datetime
) -> tuple[Signal, str] | None:
    """What history shows about `code`, and the commit that does; None while it shows nothing.

    later   commits of the base branch, the oldest first
    text    the file as it is there now, None where it is gone
    within  how long after the review a fix counts, and how long code has to stand to be kept
    """
    lines = changed(code.snippet)
    if not lines:
        return None
    for commit in later:
        if code.at < commit.at <= code.at + within:
            gone = removed(commit.files).get(code.snippet.path, frozenset()) & lines
            if REVERT.search(commit.title) and len(gone) >= MOST_REVERTED * len(lines):
                return Signal.REVERTED, commit.sha
            if gone and FIX.search(commit.title):
                return Signal.FIXED, commit.sha
    stands = text is not None and lines <= {line.strip() for line in lines_in(text)}
    return (Signal.KEPT, "") if stands and now - code.at >= within else None


def changed(snippet: Snippet) -> frozenset[str]:
    """The lines that the change added to a snippet, without indentation and trivial ones."""
    text = snippet.code.split("\n")
    added = {
        text[at - snippet.start_line].strip()
        for at in snippet.changed_lines
        if _is_in(at, snippet, text)
    }
    return frozenset(line for line in added if len(line) >= SHORTEST)


def removed(files: Iterable[FileDiff]) -> Mapping[str, frozenset[str]]:
    """Path before a commit -> the lines that it took away or changed, without indentation."""
    return {
        file.old_path or file.path: frozenset(
            line.text.strip() for hunk in file.hunks for line in hunk.lines if line.kind == "-"
        )
        for file in files
    }


def _is_in(at: int, snippet: Snippet, text: Sequence[str]) -> bool:
    return snippet.start_line <= at < snippet.start_line + len(text)

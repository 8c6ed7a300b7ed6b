"""Decide where comments may sit in a diff, and what becomes of those that may not. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from judge.diff import DiffError, FileDiff, parse
from worker.escape import code_span
from worker.render import MAX_COMMENT, cut
from worker.types import Comment, Review

SUGGESTION = re.compile(r"^([ \t]*(?:`{3,}|~{3,}))[ \t]*suggestion[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where comments may stand: on their lines, on their file, or nowhere but in the summary."""

    on_lines: tuple[Comment, ...]
    on_files: tuple[Comment, ...]
    nowhere: tuple[Comment, ...]


def sort_by_place(comments: Sequence[Comment], diff: str) -> Placed:
    """`comments` by the best place that `diff` leaves to each.

    A suggestion replaces the lines that its comment stands on: where a range is narrowed or
    lost, the suggestion becomes plain code, which nobody can apply to other lines.
    """
    files = _files(diff)
    on_lines, on_files, nowhere = [], [], []
    for comment in comments:
        at = _narrow(comment, files.get(comment.path))
        if at is not None:
            is_whole = (at.start_line, at.end_line) == (comment.start_line, comment.end_line)
            on_lines.append(at if is_whole else without_suggestion(at))
        elif comment.path in files:
            on_files.append(comment)
        else:
            nowhere.append(comment)
    return Placed(tuple(on_lines), tuple(on_files), tuple(nowhere))


def without_suggestion(comment: Comment) -> Comment:
    """`comment` with its suggestions as plain code."""
    return replace(comment, body=SUGGESTION.sub(r"\1", comment.body))


def place(review: Review, diff: str) -> Review:
    """`review` with every comment inside `diff`; what lies outside is told in the summary.

    A forge refuses a whole review for one line outside the diff, so a range is narrowed to
    the hunk of its first line, and a comment without such a hunk moves.
    """
    files = _files(diff)
    placed = [_narrow(comment, files.get(comment.path)) for comment in review.comments]
    kept = tuple(comment for comment in placed if comment is not None)
    moved = [c for c, at in zip(review.comments, placed, strict=True) if at is None]
    return replace(review, comments=kept, summary=with_comments(review.summary, moved))


def with_comments(summary: str, comments: Iterable[Comment]) -> str:
    """`summary` followed by the words of `comments`, each under its file and lines."""
    parts = [
        f"{code_span(comment.path)} lines {comment.start_line}-{comment.end_line}:\n\n"
        f"{without_suggestion(comment).body.rpartition('<!-- gavel:fp=')[0].rstrip()}"
        for comment in comments
    ]
    if not parts:
        return summary
    joined = "\n\n".join([summary.rstrip("\n"), "Outside the lines shown in the diff:", *parts])
    return cut(joined + "\n", MAX_COMMENT - 200)


def _files(diff: str) -> dict[str, FileDiff]:
    try:
        return {file.path: file for file in parse(diff)}
    except DiffError:
        return {}


def _narrow(comment: Comment, file: FileDiff | None) -> Comment | None:
    if file is None:
        return None
    for hunk in file.hunks:
        lines = (line.new_line for line in hunk.lines if line.new_line is not None)
        inside = [n for n in lines if comment.start_line <= n <= comment.end_line]
        if inside:
            return replace(comment, start_line=inside[0], end_line=inside[-1])
    return None

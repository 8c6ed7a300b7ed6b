"""Decide where comments may sit in a diff, and what becomes of those that may not. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from judge.diff import DiffError, FileDiff, parse
from worker.escape import code_span
from worker.render import MAX_COMMENT, cut
from worker.types import Comment, Review


def place(review: Review, diff: str) -> Review:
    """`review` with every comment inside `diff`; what lies outside is told in the summary.

    A forge refuses a whole review for one line outside the diff, so a range is narrowed to
    the hunk of its first line, and a comment without such a hunk moves.
    """
    try:
        files = {file.path: file for file in parse(diff)}
    except DiffError:
        files = {}
    placed = [_narrow(comment, files.get(comment.path)) for comment in review.comments]
    kept = tuple(comment for comment in placed if comment is not None)
    moved = [c for c, at in zip(review.comments, placed, strict=True) if at is None]
    return replace(review, comments=kept, summary=with_comments(review.summary, moved))


def with_comments(summary: str, comments: Iterable[Comment]) -> str:
    """`summary` followed by the words of `comments`, each under its file and lines."""
    parts = [
        f"{code_span(comment.path)} lines {comment.start_line}-{comment.end_line}:\n\n"
        f"{comment.body.rpartition('<!-- gavel:fp=')[0].rstrip()}"
        for comment in comments
    ]
    if not parts:
        return summary
    joined = "\n\n".join([summary.rstrip("\n"), "Outside the lines shown in the diff:", *parts])
    return cut(joined + "\n", MAX_COMMENT - 200)


def _narrow(comment: Comment, file: FileDiff | None) -> Comment | None:
    if file is None:
        return None
    for hunk in file.hunks:
        lines = (line.new_line for line in hunk.lines if line.new_line is not None)
        inside = [n for n in lines if comment.start_line <= n <= comment.end_line]
        if inside:
            return replace(comment, start_line=inside[0], end_line=inside[-1])
    return None

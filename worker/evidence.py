"""Decide which lines lower P(correct): leave each out in turn and compare. No I/O.

Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901), on lines: what the judge says of the snippet
without a line, minus what it says with it. The lines whose absence raises P(correct) most are the
reason. It says what moved the judge, not what is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from judge.types import Evidence, Snippet, Verdict

MAX_PIECES = 8  # extra passes for one snippet
MAX_PASSES = 24  # extra passes for one review
MAX_CHARS = 8000  # of code that they read, about 2,500 tokens: some seconds on two cores
MOST = 3  # pieces that are told
LEAST = 0.02  # a smaller rise of P(correct) is no reason
MAX_LINES = 400  # a longer snippet is not taken apart


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a snippet to leave out, and the snippet without them.

    start_line, end_line  1-based, new side, inclusive
    """

    start_line: int
    end_line: int
    rest: Snippet


def plan(snippet: Snippet, *, most: int = MAX_PIECES) -> tuple[Piece, ...]:
    """At most `most` pieces that cover the changed lines; empty where there are not two.

    The first line of a function stays: without it the judge would read another task.
    """
    lines = snippet.code.split("\n")
    if snippet.diff or len(lines) > MAX_LINES:
        return ()
    spans = _merged(_spans(snippet, lines), most)
    if len(spans) < 2:
        return ()
    return tuple(
        Piece(
            start + snippet.start_line,
            end + snippet.start_line,
            replace(snippet, code="\n".join(lines[:start] + lines[end + 1 :])),
        )
        for start, end in spans
    )


def plans(snippets: Sequence[Snippet]) -> list[tuple[Piece, ...]]:
    """A plan for each of the snippets of a review, within MAX_PASSES and MAX_CHARS for all.

    The first are served first, each with as many pieces as it can have of what is left.
    """
    most = min(MAX_PIECES, MAX_PASSES // len(snippets)) if snippets else 0
    left, found = MAX_CHARS, []
    for snippet in snippets:
        tried = (plan(snippet, most=count) for count in range(most, 1, -1))
        planned = next((one for one in tried if cost(snippet, one) <= left), ())
        left -= cost(snippet, planned)
        found.append(planned)
    return found


def cost(snippet: Snippet, pieces: Sequence[Piece]) -> int:
    """Characters that a judge has to read for `pieces`.

    What stands before the lines that are left out is the same for all, and is read once.
    """
    if not pieces:
        return 0
    ends = list(itertools.accumulate(len(line) + 1 for line in snippet.code.split("\n")))
    after = sum(ends[-1] - ends[piece.end_line - snippet.start_line] for piece in pieces)
    return ends[pieces[-1].start_line - snippet.start_line - 1] + after


def weigh(
    base: Verdict, pieces: Sequence[Piece], without: Sequence[Verdict]
) -> tuple[Evidence, ...]:
    """The pieces that lower P(correct) by LEAST or more, the strongest first, at most MOST."""
    found = [
        Evidence(piece.start_line, piece.end_line, verdict.p_correct)
        for piece, verdict in zip(pieces, without, strict=True)
        if not verdict.abstained and verdict.p_correct - base.p_correct >= LEAST
    ]
    return tuple(sorted(found, key=lambda one: (-one.p_without, one.start_line))[:MOST])


def _spans(snippet: Snippet, lines: Sequence[str]) -> list[tuple[int, int]]:
    """0-based spans of changed lines that hold something, one each, the first line left out."""
    changed = frozenset(snippet.changed_lines)
    at = [
        index
        for index, line in enumerate(lines)
        if index and line.strip() and (not changed or index + snippet.start_line in changed)
    ]
    return [(index, index) for index in at]


def _merged(spans: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Neighbouring spans joined until there are at most `most`, each of about equal length."""
    if len(spans) <= most or most < 1:
        return spans[: max(most, 0)]
    size, extra = divmod(len(spans), most)
    merged, at = [], 0
    for index in range(most):
        group = spans[at : at + size + (index < extra)]
        merged.append((group[0][0], group[-1][1]))
        at += len(group)
    return merged

"""Decide which added lines change more than white space. No I/O.

A formatter's work is not worth judging. What counts as white space differs: where indentation has
meaning (Python, and any language that is not known), a line that moved sideways is a change,
unless everything around it moved along by the same distance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from judge.diff import DiffLine, FileDiff

_INDENTED = frozenset({"python", ""})  # where indentation has, or may have, meaning
_QUOTES = re.compile(r"[\"'`/]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Changes:
    """Added lines of a file, by what happened to them, new-side numbers.

    real     more than white space changed
    shifted  moved sideways with their text kept: line -> columns, never 0
    """

    real: frozenset[int]
    shifted: Mapping[int, int] = field(default_factory=dict)


def changes(file: FileDiff, language: str) -> Changes:
    """What happened to the lines that `file` adds."""
    real: set[int] = set()
    shifted: dict[int, int] = {}
    for removed, added in _runs(file):
        old = [line.text for line in removed if line.text.strip()]
        new = [line for line in added if line.text.strip()]
        texts = [line.text for line in new]
        if language not in _INDENTED and [*map(_squeezed, old)] == [*map(_squeezed, texts)]:
            continue
        head = max(0, len(new) - len(old))  # lines put before those that moved: `class A:`
        shift = _shift(old, texts[head:])
        moved = new[head:] if shift is not None else []
        real.update(line.new_line for line in new[: len(new) - len(moved)] if line.new_line)
        if shift:
            shifted.update({line.new_line: shift for line in moved if line.new_line})
    return Changes(frozenset(real), shifted)


def _runs(file: FileDiff) -> Iterator[tuple[list[DiffLine], list[DiffLine]]]:
    """Removed and added lines of each stretch without context in it."""
    for hunk in file.hunks:
        removed: list[DiffLine] = []
        added: list[DiffLine] = []
        for line in hunk.lines:
            if line.kind == " ":
                yield removed, added
                removed, added = [], []
            else:
                (added if line.kind == "+" else removed).append(line)
        yield removed, added


def _squeezed(line: str) -> str:
    """`line` without what a formatter may change; spaces inside a line with quotes stay."""
    return line.strip() if _QUOTES.search(line) else _SPACES.sub("", line)


def _shift(old: Sequence[str], new: Sequence[str]) -> int | None:
    """By how many columns the same lines moved, all alike, or None where they are not the same."""
    if len(old) != len(new):
        return None
    moves = {_indent(after) - _indent(before) for before, after in zip(old, new, strict=True)}
    if len(moves) > 1 or any(a.strip() != b.strip() for a, b in zip(old, new, strict=True)):
        return None
    return moves.pop() if moves else 0


def _indent(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip())

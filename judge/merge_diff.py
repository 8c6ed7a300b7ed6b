"""Decide what a merge changed against its first parent, from git's combined diff. No I/O.

A combined hunk has one column per parent (git-scm.com/docs/diff-format, "combined diff format"):
`-` in column N: parent N has the line, the result does not; `+`: the result has it, parent N does
not. Keeping the first column alone gives an ordinary diff with the same new-side line numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HUNK = re.compile(r"(@@@+) ((?:-\d+(?:,\d+)? )+)\+(\d+)(?:,(\d+))? @@@+")
_RANGE = re.compile(r"-(\d+)(?:,(\d+))?")


def is_hunk(line: str) -> bool:
    """Whether `line` opens a hunk of a combined diff."""
    return line.startswith("@@@")


def against_first_parent(lines: Sequence[str]) -> list[str]:
    """The combined hunks in `lines` as ordinary ones. Raises ValueError on a bad one."""
    rest = iter(lines[:-1] if lines[-1:] == [""] else lines)  # the last "\n" ends a line
    found: list[str] = []
    for line in rest:
        if is_hunk(line):
            found.extend(_hunk(line, rest))
    return found


def _hunk(header: str, rest: Iterator[str]) -> list[str]:
    match = _HUNK.match(header)
    if not match:
        raise ValueError(f"cannot read the merge hunk {header[:80]!r}")
    ranges = [(int(start), int(size or 1)) for start, size in _RANGE.findall(match.group(2))]
    new_lines = int(match.group(4) or 1)
    left = [*(size for _, size in ranges), new_lines]
    if len(ranges) != len(match.group(1)) - 1:
        raise ValueError(f"cannot read the merge hunk {header[:80]!r}")
    found = [f"@@ -{ranges[0][0]},{ranges[0][1]} +{match.group(3)},{new_lines} @@"]
    while any(left):
        line = next(rest, None)
        if line is None:
            raise ValueError("a hunk of a merge is shorter than it says")
        if line.startswith("\\"):
            continue
        found.extend(_first_column(line, left))
    return found


def _first_column(line: str, left: list[int]) -> list[str]:
    """`line` against the first parent, none where only others had it; counts `left` down."""
    parents = len(left) - 1
    marks = line[:parents] if line.strip("\r") else " " * parents
    if len(marks) != parents or set(marks) - set(" +-") or {"+", "-"} <= set(marks):
        raise ValueError("a hunk of a merge is shorter than it says")
    is_lost = "-" in marks
    for number, mark in enumerate(marks):
        left[number] -= mark == ("-" if is_lost else " ")
    left[parents] -= not is_lost
    if min(left) < 0:
        raise ValueError("a hunk of a merge is longer than it says")
    return [] if is_lost and marks[0] == " " else [marks[0] + line[parents:]]

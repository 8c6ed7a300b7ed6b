"""Decide which lines of a hunk are judged together where no function holds them. No I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from judge.diff import DiffLine, FileDiff, Hunk

CONTEXT_LINES = 3  # shown around changed lines
JOIN_LINES = 6  # changed lines with fewer unchanged ones between them are judged together
MAX_REGION_LINES = 60  # a longer run of changed lines is cut, at a blank line where there is one
MIN_REGION_LINES = 20  # ... but not into pieces shorter than this

_BLANK_OR_BRACES = re.compile(r"[\s{}()\[\];,]*(?:end|else|fi|done|esac|then|do|begin)?[\s;:{}()]*")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*(?:[\s/]|$)|--(?:\s|$)|;;|<!--|-->|'''|\"\"\")")
_MARKED_OR_BLANK = re.compile(r"\s*(?:#|//|/\*|\*(?:[\s/]|$)|--\s|;;|[)}\]]|$)")
_IMPORT = re.compile(
    r"\s*(?:import\s|from\s+\S+\s+import\b|using\s+[\w.:]+\s*;|#\s*include\b|package\s+[\w.]+\s*;?\s*$"
    r"|use\s+[\w\\:{}, ]+;|require(?:_relative)?[\s(]+[\"']|source\s|@import\b|export\s+\*)"
)
_IS_CODE_HASH = re.compile(r"\s*#\s*(?:define|if|elif)\b")


@dataclass(frozen=True, slots=True)
class Region:
    """New-side lines of one hunk, 1-based and inclusive, and the diff of just those lines."""

    start_line: int
    end_line: int
    code: str
    diff: str


def is_plainly_code(line: str) -> bool:
    """Whether a line, of whatever language, looks like code: no blank, brace, comment or import."""
    if _BLANK_OR_BRACES.fullmatch(line):
        return False
    if _COMMENT.match(line):
        return _IS_CODE_HASH.match(line) is not None
    return _IMPORT.match(line) is None


def regions(
    file: FileDiff, *, worth: Collection[int], code: Collection[int], taken: Collection[int]
) -> Iterator[Region]:
    """Regions around the lines in `worth`, in order, none of which holds a line in `taken`.

    worth  new-side numbers of added lines that are to be judged
    code   new-side numbers of lines that hold code
    taken  new-side numbers of lines that are judged otherwise
    """
    for hunk in file.hunks:
        shown = {line.new_line: line.text for line in hunk.lines if line.new_line is not None}
        free = [number for number in shown if number not in taken]
        usable = _usable(hunk, code) & set(free)
        for run in _runs(free):
            wanted = [number for number in run if number in worth]
            for first, last in _groups(wanted):
                start = _reach(first, -1, usable)
                end = _reach(last, 1, usable)
                for piece in _pieces(start, end, shown):
                    if any(piece[0] <= number <= piece[1] for number in wanted):
                        yield _region(hunk, *piece, shown)


def _usable(hunk: Hunk, code: Collection[int]) -> set[int]:
    """Lines that may stand around those judged: unchanged ones, and added code and comments."""
    return {
        line.new_line
        for line in hunk.lines
        if line.new_line is not None
        and (line.kind == " " or line.new_line in code or _MARKED_OR_BLANK.match(line.text))
    }


def _reach(line: int, step: int, usable: Collection[int]) -> int:
    """The last line that context goes to from `line`, upwards or downwards."""
    reached = line
    while reached + step in usable and abs(reached + step - line) <= CONTEXT_LINES:
        reached += step
    return reached


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """`numbers`, ascending, cut where one is missing."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def _groups(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of those `numbers` that lie close together."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number - found[-1][1] <= JOIN_LINES:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _pieces(start: int, end: int, shown: dict[int, str]) -> Iterator[tuple[int, int]]:
    """The lines from `start` to `end` in pieces that are not too long, without blank ends."""
    while start <= end:
        last = end
        if end - start + 1 > MAX_REGION_LINES:
            latest = start + MAX_REGION_LINES - 1
            blank = (n for n in range(latest, start + MIN_REGION_LINES, -1) if not shown[n].strip())
            last = next(blank, latest)
        piece = [number for number in range(start, last + 1) if shown[number].strip()]
        if piece:
            yield piece[0], piece[-1]
        start = last + 1


def _region(hunk: Hunk, start: int, end: int, shown: dict[int, str]) -> Region:
    lines = _between(hunk.lines, start, end)
    old = [line.old_line for line in lines if line.old_line is not None]
    added = sum(line.kind == "+" for line in lines)
    before = next((line.old_line for line in lines if line.old_line is not None), None)
    if before is None:
        before = _old_line_before(hunk, start)
    header = f"@@ -{before},{len(old)} +{start},{end - start + 1} @@"
    assert len(lines) - len(old) == added
    code = "\n".join(shown[number].removesuffix("\r") for number in range(start, end + 1))
    text = (line.kind + line.text.removesuffix("\r") for line in lines)
    return Region(start, end, code, "\n".join([header, *text]) + "\n")


def _between(lines: Sequence[DiffLine], start: int, end: int) -> list[DiffLine]:
    """The hunk's lines from `start` to `end`, with what was removed right before or among them."""
    numbers = [line.new_line for line in lines]
    first, last = numbers.index(start), numbers.index(end)
    while first > 0 and lines[first - 1].kind == "-":
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].kind == "-":
        last += 1
    return list(lines[first : last + 1])


def _old_line_before(hunk: Hunk, start: int) -> int:
    """Where on the old side lines from `start` were put in: the number of the line before them."""
    earlier = [
        line.old_line
        for line in hunk.lines[: [line.new_line for line in hunk.lines].index(start)]
        if line.old_line is not None
    ]
    return earlier[-1] if earlier else hunk.old_start - (hunk.old_lines > 0)

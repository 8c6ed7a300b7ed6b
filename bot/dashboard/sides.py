"""Decide how a diff stands side by side, with the verdicts on its lines. No I/O."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, zip_longest

from judge.diff import DiffError, DiffLine, FileDiff, Hunk, parse
from judge.types import Evidence, Snippet, Verdict
from worker.types import Judged, Skipped

MOST_ROWS = 1_500  # of one page: the rest is on the forge
MOST_CHARACTERS = 400  # of one line


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of a row: a line's number and text, or nothing.

    kind  same, added, removed or nothing
    """

    number: int | None
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Note:
    """A verdict, told under the last line of its snippet.

    grade   wrong, doubtful, fine or abstained: the class in the style sheet
    lowers  the lines that lower it, as "12" or "12–14", with P(correct) without them
    """

    anchor: str
    snippet: Snippet
    verdict: Verdict
    grade: str
    lowers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the diff.

    grade      of the worst verdict on its new line, "" where there is none
    is_lowering  this line lowers that verdict
    notes      verdicts that end here
    gap        heading of a hunk, told above the row; "" within a hunk
    """

    left: Cell
    right: Cell
    grade: str = ""
    is_lowering: bool = False
    notes: tuple[Note, ...] = ()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the change, side by side.

    reason  why it was not judged, or ""
    """

    path: str
    old_path: str
    lines: tuple[Line, ...]
    reason: str = ""
    rest: tuple[Note, ...] = ()


NOTHING = Cell(None, "", "nothing")
DOUBTED = frozenset({"wrong", "doubtful"})
ORDER = ("wrong", "doubtful", "abstained", "fine")


def note(one: Judged, *, threshold: float) -> Note:
    """A judged snippet as its note, graded against the repository's threshold."""
    verdict, snippet = one.verdict, one.snippet
    lowers = tuple((_range(mark), mark.p_without) for mark in verdict.evidence)
    anchor = f"s{snippet.fingerprint}"
    return Note(anchor, snippet, verdict, _grade(verdict, threshold), lowers)


def files(diff: str, notes: Sequence[Note], skipped: Iterable[Skipped]) -> tuple[File, ...]:
    """The files of a diff with their notes, the first `MOST_ROWS` lines of them.

    Without a diff, or where it cannot be read, each judged snippet stands alone on the new side.
    """
    reasons = {one.path: one.reason for one in skipped}
    try:
        parsed = parse(diff)
    except DiffError:
        parsed = ()
    if not parsed:
        return _snippets_alone(notes)
    of_path: dict[str, list[Note]] = defaultdict(list)
    for one in notes:
        of_path[one.snippet.path].append(one)
    shown, left = [], MOST_ROWS
    for file in parsed:
        own = of_path[file.path]
        lines = tuple(islice(_lines(file, own), max(left, 0)))
        left -= len(lines)
        told = {one.anchor for line in lines for one in line.notes}
        rest = tuple(one for one in own if one.anchor not in told)
        reason = reasons.get(file.path, "")
        shown.append(File(file.path, file.old_path, lines, reason, rest))
    return tuple(shown)


def visible(text: str) -> str:
    """A line of code as a page may show it: control and bidi characters by their code points."""
    short = text[:MOST_CHARACTERS] + ("…" if len(text) > MOST_CHARACTERS else "")
    if short.isprintable():
        return short
    return "".join(_visible(one) for one in short.rstrip("\r"))


def _lines(file: FileDiff, notes: Sequence[Note]) -> Iterator[Line]:
    ends = _ends(file, notes)
    worst = _worst(notes)
    lowering = {
        number
        for one in notes
        if one.grade in DOUBTED
        for mark in one.verdict.evidence
        for number in range(mark.start_line, mark.end_line + 1)
    }
    for hunk in file.hunks:
        gap = f"lines {hunk.new_start} to {hunk.new_start + max(hunk.new_lines - 1, 0)}"
        for left, right in _pairs(hunk):
            number = right.number
            yield Line(
                left,
                right,
                worst.get(number or 0, ""),
                number in lowering,
                ends.get(number or 0, ()),
                gap,
            )
            gap = ""


def _pairs(hunk: Hunk) -> Iterator[tuple[Cell, Cell]]:
    """Context on both sides; removed lines beside the added ones that take their place."""
    for is_same, run in groupby(hunk.lines, key=lambda line: line.kind == " "):
        lines = list(run)
        if is_same:
            yield from ((_left(line), _right(line)) for line in lines)
        else:
            removed = [_left(line) for line in lines if line.kind == "-"]
            added = [_right(line) for line in lines if line.kind == "+"]
            yield from zip_longest(removed, added, fillvalue=NOTHING)


def _left(line: DiffLine) -> Cell:
    return Cell(line.old_line, visible(line.text), "same" if line.kind == " " else "removed")


def _right(line: DiffLine) -> Cell:
    return Cell(line.new_line, visible(line.text), "same" if line.kind == " " else "added")


def _ends(file: FileDiff, notes: Sequence[Note]) -> Mapping[int, tuple[Note, ...]]:
    """New-side line -> notes told under it: the last shown line of their snippet."""
    numbers = sorted(file.commentable_lines)
    ends: dict[int, tuple[Note, ...]] = {}
    for one in notes:
        start, end = one.snippet.start_line, one.snippet.end_line
        inside = [number for number in numbers if start <= number <= end]
        if inside:
            ends[inside[-1]] = (*ends.get(inside[-1], ()), one)
    return ends


def _worst(notes: Sequence[Note]) -> dict[int, str]:
    worst: dict[int, str] = {}
    for grade in reversed(ORDER):
        for one in notes:
            if one.grade == grade:
                worst |= dict.fromkeys(one.snippet.changed_lines, grade)
    return worst


def _snippets_alone(notes: Sequence[Note]) -> tuple[File, ...]:
    shown = []
    for path, group in groupby(notes, key=lambda one: one.snippet.path):
        lines: list[Line] = []
        for one in group:
            lines += _code(one)
        shown.append(File(path, path, tuple(lines[:MOST_ROWS])))
    return tuple(shown)


def _code(one: Note) -> list[Line]:
    snippet = one.snippet
    texts = snippet.code.split("\n")
    lines: list[Line] = []
    for number, code in enumerate(texts, start=snippet.start_line):
        is_changed = number in snippet.changed_lines
        cell = Cell(number, visible(code), "added" if is_changed else "same")
        lowers = any(m.start_line <= number <= m.end_line for m in one.verdict.evidence)
        gap = f"lines {snippet.start_line} to {snippet.end_line}" if not lines else ""
        grade = one.grade if is_changed else ""
        notes = (one,) if number == snippet.start_line + len(texts) - 1 else ()
        lines.append(Line(NOTHING, cell, grade, lowers, notes, gap))
    return lines


def _grade(verdict: Verdict, threshold: float) -> str:
    if verdict.abstained:
        return "abstained"
    if verdict.p_correct < threshold:
        return "wrong"
    return "doubtful" if verdict.p_correct < max(0.5, threshold) else "fine"


def _range(mark: Evidence) -> str:
    if mark.start_line == mark.end_line:
        return str(mark.start_line)
    return f"{mark.start_line}–{mark.end_line}"


def _visible(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character
    return f"‹U+{ord(character):04X}›"

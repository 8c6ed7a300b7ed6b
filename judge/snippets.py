"""Decide which pieces of a changed file are judged: touched functions, else hunks. No I/O.

A line is worth judging if the change added it, more than its white space is new, and it holds
code: no comment, docstring, import, lone brace, bare declaration or empty body. A function with
such a line is judged whole. Such lines outside functions are judged as hunks with a little context,
and so is everything where the file's text is missing, is not the text that the diff was made
from, or cannot be parsed around the lines in question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from judge.changes import Changes, changes
from judge.diff import FileDiff
from judge.functions import Function, chosen, functions
from judge.languages import BY_NAME, TooHard, language_of
from judge.outline import Outline, outline
from judge.regions import is_plainly_code, regions
from judge.types import Snippet, SnippetKind

__all__ = ["Function", "functions", "snippets"]


def snippets(file: FileDiff, new_text: str | None, *, prompt: str = "") -> tuple[Snippet, ...]:
    """What is worth judging in `file`, in the order of its lines; empty where nothing is.

    new_text  the whole file after the change, or None where it is not at hand
    prompt    what the change is for; stands in for functions without a description of their own

    In `Snippet.code` lines end with "\\n" alone, also where the file has "\\r\\n".
    """
    added = file.added_lines
    if not added or file.is_binary or file.is_deleted or file.is_submodule or file.is_symlink:
        return ()
    text = _lines_of(file, new_text)
    outlined = _outline(text, language_of(file.path)) if text is not None else None
    cut = _Cut(
        file=file,
        language=language_of(file.path),
        prompt=prompt,
        added=added,
        changes=changes(file, language_of(file.path)),
        code_lines=_plain_code_lines(file) if outlined is None else outlined.code_lines,
    )
    units = chosen(outlined.candidates) if outlined is not None else ()
    found = [*cut.of_functions(units, text or []), *cut.of_hunks(units)]
    return tuple(sorted(found, key=lambda snippet: (snippet.start_line, -snippet.end_line)))


def _lines_of(file: FileDiff, new_text: str | None) -> list[str] | None:
    """Lines of the new text, without "\\r", if the diff fits it; a new file is all in its diff."""
    if new_text is None:
        if not file.is_new or len(file.hunks) != 1 or file.hunks[0].new_start != 1:
            return None
        return [line.text.removesuffix("\r") for line in file.hunks[0].lines]
    lines = [line.removesuffix("\r") for line in new_text.split("\n")]
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.new_line is None:
                continue
            if line.new_line > len(lines):
                return None
            if lines[line.new_line - 1] != line.text.removesuffix("\r"):
                return None
    return lines


def _outline(lines: list[str], language: str) -> Outline | None:
    if language not in BY_NAME:
        return None
    try:
        found = outline("\n".join(lines), language)
    except TooHard:
        return None
    return found if found.is_readable else None


def _plain_code_lines(file: FileDiff) -> frozenset[int]:
    return frozenset(
        line.new_line
        for hunk in file.hunks
        for line in hunk.lines
        if line.new_line is not None and is_plainly_code(line.text)
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """Everything that deciding about one file needs."""

    file: FileDiff
    language: str
    prompt: str
    added: Sequence[int]
    changes: Changes
    code_lines: Collection[int]

    def of_functions(self, units: Sequence[Function], lines: Sequence[str]) -> Iterator[Snippet]:
        """A snippet for each function whose own lines, not those of one inside it, changed."""
        inner = _innermost(units, self.added)
        for unit in units:
            if not self._is_worth([line for line in self.added if inner.get(line) is unit], unit):
                continue
            code = "\n".join(lines[unit.start_line - 1 : unit.end_line])
            snippet = self._snippet(unit.start_line, unit.end_line, code)
            yield replace(
                snippet, kind=SnippetKind.FUNCTION, name=unit.name, prompt=unit.doc or self.prompt
            )

    def of_hunks(self, units: Sequence[Function]) -> Iterator[Snippet]:
        """Snippets for the changed lines that are in no function."""
        taken = {line for unit in units for line in range(unit.start_line, unit.end_line + 1)}
        moved = self.changes.real | self.changes.shifted.keys()
        worth = {line for line in self.added if line in moved and line in self.code_lines} - taken
        for region in regions(self.file, worth=worth, code=self.code_lines, taken=taken):
            snippet = self._snippet(region.start_line, region.end_line, region.code)
            yield replace(snippet, diff=region.diff)

    def _snippet(self, start: int, end: int, code: str) -> Snippet:
        return Snippet(
            path=self.file.path,
            language=self.language,
            start_line=start,
            end_line=end,
            code=code,
            kind=SnippetKind.HUNK,
            prompt=self.prompt,
            changed_lines=tuple(line for line in self.added if start <= line <= end),
        )

    def _is_worth(self, lines: Sequence[int], unit: Function) -> bool:
        code = [line for line in lines if line in self.code_lines]
        if any(line in self.changes.real for line in code):
            return True
        shifts = {self.changes.shifted.get(line, 0) for line in code}
        whole = [
            line for line in range(unit.start_line, unit.end_line + 1) if line in self.code_lines
        ]
        return shifts - {0} != set() and (len(shifts) > 1 or len(code) < len(whole))


def _innermost(units: Sequence[Function], lines: Sequence[int]) -> dict[int, Function]:
    """For each of `lines` the smallest function that holds it; `units` go from outer to inner."""
    wanted = frozenset(lines)
    found: dict[int, Function] = {}
    for unit in units:
        for line in range(unit.start_line, unit.end_line + 1):
            if line in wanted:
                found[line] = unit
    return found

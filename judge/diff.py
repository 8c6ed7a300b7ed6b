"""Decide what a unified diff says, in our own types. No I/O. The only module that knows `unidiff`.

Text is cut into files at git's `diff` lines, whose headers `judge.diff_headers` reads, because
`unidiff` takes names with spaces, quotes or renames apart wrongly; hunks, and diffs without git's
headers, are parsed by `unidiff`. Lines end at "\\n" alone: form feeds, lone carriage returns and
U+2028 are part of a line, as they are for git and for every forge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from unidiff import patch
from unidiff.errors import UnidiffParseError

from judge import diff_headers, merge_diff
from judge.diff_headers import SUBMODULE_MODE, SYMLINK_MODE, Header

_PLAIN = re.compile(
    r"^(?:--- .*\n\+\+\+ .*\n@@ -|Binary files? .+ (?:differ|has changed)\r?$)", re.MULTILINE
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class DiffError(ValueError):
    """The text is no diff that can be read with right line numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk.

    kind      " " context, "+" added, "-" removed
    text      the line without its mark and without "\\n"; a "\\r" before it stays
    new_line  1-based number on the new side, None where removed
    old_line  1-based number on the old side, None where added
    """

    kind: str
    text: str
    new_line: int | None
    old_line: int | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A region of a file that changed. A side of zero lines starts at the line before it."""

    new_start: int
    new_lines: int
    old_start: int
    old_lines: int
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a change does to one file.

    path       new name with forward slashes, or the old one where the file is deleted
    old_path   name before the change, "" where the file is new
    hunks      ascending, never overlapping; empty for binary files, bare renames and modes
    is_rename  the name changed and the old file is gone; is_copy: it is still there
    mode       git's mode on the new side, such as "100644", or "" where it is not told
    withheld   added lines of which the forge shows nothing, for the file's size
    """

    path: str
    old_path: str
    hunks: tuple[Hunk, ...] = ()
    is_binary: bool = False
    is_deleted: bool = False
    is_new: bool = False
    is_rename: bool = False
    is_copy: bool = False
    mode: str = ""
    withheld: int = 0

    @property
    def added_lines(self) -> tuple[int, ...]:
        """Numbers of the lines that the change added, new side, ascending."""
        return tuple(
            line.new_line
            for hunk in self.hunks
            for line in hunk.lines
            if line.kind == "+" and line.new_line is not None
        )

    @property
    def commentable_lines(self) -> frozenset[int]:
        """New-side lines that a forge lets a comment sit on: added and context lines of hunks."""
        return frozenset(
            line.new_line for hunk in self.hunks for line in hunk.lines if line.new_line is not None
        )

    @property
    def is_symlink(self) -> bool:
        """The text is the target of a symbolic link."""
        return self.mode == SYMLINK_MODE

    @property
    def is_submodule(self) -> bool:
        """The text names a commit of another repository."""
        return self.mode == SUBMODULE_MODE


def parse(text: str) -> tuple[FileDiff, ...]:
    """The files that `text`, a unified or combined diff, changes, in its order.

    Blank text gives an empty tuple. A merge (`diff --cc`) is told against its first parent.
    Raises DiffError with one sentence where no right line numbers can be given.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return ()
    files = tuple(file for section in _sections(text) for file in _read(section))
    if not files:
        raise DiffError(_no_diff(text))
    _refuse_series(files)
    return files


def _no_diff(text: str) -> str:
    if _COLOUR.search(text):
        return "the diff holds colour codes: make it with `git diff --no-color`"
    return "there is no diff in this text: expected a unified diff, as `git diff` prints it"


def _refuse_series(files: Sequence[FileDiff]) -> None:
    """A file told twice has two sets of line numbers; a changed type is told as delete and add."""
    names = Counter(file.path for file in files if not file.is_deleted)
    for name, times in names.items():
        if times > 1:
            raise DiffError(
                f"{name!r} is in the diff {times} times: give one diff of the whole change, "
                "not a series of patches"
            )


def _sections(text: str) -> Iterator[list[str]]:
    """Lines of each file, git's header first; what stands before the first one comes first.

    No line of a hunk can look like a header: those begin with " ", "+", "-" or "\\".
    """
    section: list[str] = []
    for line in text.split("\n"):
        if diff_headers.is_header(line):
            yield section
            section = []
        section.append(line)
    yield section


def _read(section: list[str]) -> list[FileDiff]:
    if not section or not diff_headers.is_header(section[0]):
        text = "\n".join(section)
        return _plain(text) if _PLAIN.search(text) else []
    body = next((i for i, line in enumerate(section) if line.startswith("@@")), len(section))
    try:
        header = diff_headers.read(section[:body])
        hunks = section[body:]
        if header.is_merge:
            hunks = merge_diff.against_first_parent(hunks)
    except ValueError as error:
        raise DiffError(f"cannot read the diff: {error}") from error
    return [_git(header, hunks)]


def _git(header: Header, lines: list[str]) -> FileDiff:
    """The file of one git section, `lines` being its hunks and what follows them."""
    is_renamed = not (header.is_new or header.is_deleted) and header.path != header.old_path
    file = FileDiff(
        path=header.path,
        old_path=header.old_path,
        is_binary=header.is_binary,
        is_deleted=header.is_deleted,
        is_new=header.is_new,
        is_rename=is_renamed and not header.is_copy,
        is_copy=header.is_copy,
        mode=header.mode,
        withheld=header.withheld,
    )
    if header.is_binary:
        return file
    if not lines:
        if header.has_hunks:
            raise DiffError(f"cannot read the diff of {header.path!r}: it was cut short")
        return file
    parsed = _unidiff("\n".join(["--- a/file", "+++ b/file", *lines]), header.path)
    if len(parsed) != 1:
        raise DiffError(f"cannot read the diff of {header.path!r}: it runs into other text")
    return replace(file, hunks=_hunks(parsed[0], header.path))


def _plain(text: str) -> list[FileDiff]:
    """The files of a diff without git's headers, such as `diff -u` and difflib print."""
    return [_plain_file(patched) for patched in _unidiff(text, "")]


def _plain_file(patched: patch.PatchedFile) -> FileDiff:
    old, new = diff_headers.plain_names(patched.source_file, patched.target_file)
    is_new, is_deleted = patched.is_added_file, patched.is_removed_file
    path = old if new == diff_headers.DEV_NULL else new
    if path in ("", diff_headers.DEV_NULL):
        raise DiffError("the diff does not name the file that it changes")
    if not patched and not patched.is_binary_file:
        raise DiffError(f"cannot read the diff of {path!r}: it was cut short")
    return FileDiff(
        path=path,
        old_path="" if is_new else old,
        hunks=_hunks(patched, path),
        is_binary=patched.is_binary_file,
        is_deleted=is_deleted,
        is_new=is_new,
    )


def _unidiff(text: str, path: str) -> patch.PatchSet:
    try:
        return patch.PatchSet(text)
    except (UnidiffParseError, ValueError) as error:
        of_file = f" of {path!r}" if path else ""
        message = str(error).strip()[:120]
        raise DiffError(
            f"cannot read the diff{of_file}: {message} (was it cut short or edited by hand?)"
        ) from error


def _hunks(patched: patch.PatchedFile, path: str) -> tuple[Hunk, ...]:
    hunks = tuple(_hunk(hunk) for hunk in patched)
    free = 1  # the first new-side line that no hunk has used yet
    for hunk in hunks:
        start = hunk.new_start + (hunk.new_lines == 0)
        if start < free:
            raise DiffError(f"cannot read the diff of {path!r}: its hunks overlap or go backwards")
        free = start + hunk.new_lines
    return hunks


def _hunk(hunk: patch.Hunk) -> Hunk:
    lines = tuple(
        DiffLine(
            kind=line.line_type,
            text=line.value.removesuffix("\n"),
            new_line=line.target_line_no,
            old_line=line.source_line_no,
        )
        for line in hunk
        if line.line_type in (" ", "+", "-")
    )
    return Hunk(
        new_start=hunk.target_start,
        new_lines=hunk.target_length,
        old_start=hunk.source_start,
        old_lines=hunk.source_length,
        lines=lines,
    )

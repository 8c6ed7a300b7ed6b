"""Decide which lines of a history came from which commit, and which were removed by a fix. No I/O.

One pass over a first-parent line gives every line of every file an id when it appears. A fix that
removes a line blames the commit that the id belongs to (SZZ: Śliwerski, Zimmermann and Zeller,
2005). A second pass finds the functions that held those ids when their commit was made.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from judge.train import history_words as words

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
MOVED = 3  # lines in a row that stand elsewhere: fewer are the same by chance
_SILENT = re.compile(r"^\s*(?:#.*|//.*|/?\*.*|[{}()\[\];,]*|import\b.*|from\b.*import\b.*)$")


@dataclass(slots=True)
class Hunk:
    """A stretch of changed lines: `old_count` from `old_start` on became `new_count`.

    removed  texts of the old lines, "" for those that stand elsewhere now: see `without_moved`
    added    texts of the new lines, as long as those are needed
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, header: str) -> Hunk:
        """The hunk that a line `@@ -a,b +c,d @@` opens."""
        found = _HUNK.match(header)
        if found is None:
            return cls(0, 0, 0, 0)
        a, b, c, d = (1 if group is None else int(group) for group in found.groups())
        return cls(a, b, c, d)


@dataclass(slots=True)
class Patch:
    """What a commit did to a file; `old` or `new` is "" where the file was made or removed.

    A file that was renamed and nothing else has no hunks.
    """

    old: str
    new: str
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def added(self) -> int:
        """How many lines it adds."""
        return sum(hunk.new_count for hunk in self.hunks)

    @property
    def removed(self) -> int:
        """How many lines it removes."""
        return sum(hunk.old_count for hunk in self.hunks)


def without_moved(patches: Sequence[Patch]) -> Iterator[Patch]:
    """`patches` in which lines that were moved or indented anew, three or more, removed nothing.

    They still stand in the code, so that nothing says that they were wrong: no fix blames them.
    The texts of added lines are dropped.
    """
    hunks = [hunk for patch in patches for hunk in patch.hunks]
    stands = {run for hunk in hunks for _, run in _runs(hunk.added)}
    for hunk in hunks:
        moved = {place for places, run in _runs(hunk.removed) if run in stands for place in places}
        hunk.removed = ["" if n in moved else text for n, text in enumerate(hunk.removed)]
        hunk.added = []
    yield from patches


def _runs(texts: Sequence[str]) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Places and texts of every MOVED lines in a row, blank ones and white space apart."""
    said = [(n, "".join(text.split())) for n, text in enumerate(texts) if text.strip()]
    for at in range(len(said) - MOVED + 1):
        places, run = zip(*said[at : at + MOVED], strict=True)
        yield places, run


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the first-parent line. `time` in seconds since 1970.

    author  a number that tells its author from others of this history, and nothing else of them
    """

    sha: str
    time: int
    subject: str
    body: str
    patches: tuple[Patch, ...]
    author: int = 0

    @property
    def title(self) -> str:
        """Its subject; of a merged pull request, the request's own title."""
        return words.title(self.subject, self.body)


@dataclass(slots=True)
class Past:
    """What happened to a file so far: changes, those that were fixes, authors, the last time."""

    changes: int = 0
    fixes: int = 0
    authors: set[int] = field(default_factory=set)
    last_s: int = 0

    def add(self, commit: Commit, *, is_fix: bool) -> None:
        """Count one more commit that changed the file."""
        self.changes += 1
        self.fixes += is_fix
        self.authors.add(commit.author)
        self.last_s = commit.time

    def told(self, now_s: int) -> dict[str, float]:
        """The fields of a row's `history` that a file has; a new file's last change is at -1."""
        return {
            "file_changes": float(self.changes),
            "file_fixes": float(self.fixes),
            "file_authors": float(len(self.authors)),
            "file_days": round((now_s - self.last_s) / 86_400, 1) if self.changes else -1.0,
        }


class Lines:
    """The ids of the lines of every file, as a history is replayed commit by commit."""

    def __init__(self) -> None:
        self._files: dict[str, list[int]] = {}
        self._firsts: list[int] = []
        self._next = 1

    def apply(self, commit: Commit) -> None:
        """Replay the next commit."""
        self._firsts.append(self._next)
        for patch in commit.patches:
            if not patch.new:
                self._files.pop(patch.old, None)
                continue
            lines = self._files.pop(patch.old, []) if patch.old else []
            self._files[patch.new] = self._changed(lines, patch.hunks)

    def _changed(self, lines: list[int], hunks: Sequence[Hunk]) -> list[int]:
        changed: list[int] = []
        at = 0
        for hunk in hunks:
            start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
            changed += lines[at:start]
            changed += range(self._next, self._next + hunk.new_count)
            self._next += hunk.new_count
            at = start + hunk.old_count
        return changed + lines[at:]

    def of(self, path: str, start_line: int, end_line: int) -> list[int]:
        """Ids of lines of a file as it is now, 1-based, inclusive."""
        return self._files.get(path, [])[max(0, start_line - 1) : end_line]

    def commit_of(self, line_id: int) -> int:
        """The index of the commit that brought a line."""
        return bisect_right(self._firsts, line_id) - 1


@dataclass(slots=True)
class Blame:
    """What the fixes of a history say of its lines.

    bugs     index of a commit -> ids of its lines that a small tested fix removed
    touched  ids of lines that any fix removed, or put lines between
    fixes    indexes of commits that say that they fix
    """

    bugs: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    touched: set[int] = field(default_factory=set)
    fixes: set[int] = field(default_factory=set)


def blame(commits: Sequence[Commit], *, is_source: Callable[[str], bool]) -> Blame:
    """Which commits brought what fixes removed later, and which lines no fix ever touched."""
    lines, found = Lines(), Blame()
    for index, commit in enumerate(commits):
        if words.says_fix(commit.title):
            found.fixes.add(index)
            is_sure = is_small_fix(commit, is_source=is_source)
            for patch in commit.patches:
                if patch.old and is_source(patch.old):
                    _blame_patch(patch, lines, found, is_sure=is_sure)
        lines.apply(commit)
    return found


def _blame_patch(patch: Patch, lines: Lines, found: Blame, *, is_sure: bool) -> None:
    for hunk in patch.hunks:
        first, last = hunk.old_start, hunk.old_start + max(1, hunk.old_count - 1)
        found.touched.update(lines.of(patch.old, first, last))
        ids = lines.of(patch.old, first, hunk.old_start + hunk.old_count - 1)
        for line_id, text in zip(ids, hunk.removed, strict=False):
            if is_sure and not _SILENT.match(text):
                found.bugs[lines.commit_of(line_id)].add(line_id)


def is_small_fix(commit: Commit, *, is_source: Callable[[str], bool]) -> bool:
    """Whether a commit says that it fixes, in one or two source files, and touches a test."""
    if not words.says_fix(commit.title):
        return False
    sources = [p for p in commit.patches if is_source(p.new or p.old)]
    tests = [p for p in commit.patches if words.is_test(p.new or p.old)]
    return 1 <= len(sources) <= 2 and bool(tests)


def source_patches(
    commit: Commit, *, is_source: Callable[[str], bool]
) -> Iterator[tuple[str, Patch]]:
    """The files of a commit that are there after it and hold source, with their patches."""
    return ((p.new, p) for p in commit.patches if p.new and is_source(p.new))

"""Act: mine one repository's history for labelled functions and changes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge.languages import LANGUAGES, language_of
from judge.train import changes, forbidden
from judge.train import history_words as words
from judge.train.changes import Origin, Place
from judge.train.changes_match import Proposed, matched
from judge.train.data import unformatted
from judge.train.forbidden_code import refusal_of_code
from judge.train.history import (
    Blame,
    Commit,
    Lines,
    Past,
    Patch,
    blame,
    is_small_fix,
    source_patches,
)
from judge.train.history_functions import Unit, units
from judge.train.history_git import GitHistory, HistoryError

SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.extensions)
SETTLED_DAYS = 730.0  # a function that no fix touched for so long is taken for right
MAX_FILES = 30  # a commit that touches more is a sweep
_METADATA = ("setup.cfg", "pyproject.toml", "package.json", "pom.xml", "go.mod")


class Refused(Exception):
    """The repository may not be used; the message says why."""


@dataclass(slots=True)
class Mined:
    """What one repository gave.

    rows     in the order of the commits
    left_out reasons why rows were refused -> how many
    is_whole whether the end of the history was reached before the time was over
    """

    origin: Origin
    head: str
    commits: int = 0
    fixes: int = 0
    rows: list[dict[str, object]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    is_whole: bool = True


def mine(
    path: Path,
    *,
    name: str = "",
    limit_s: float = 600.0,
    clock: Callable[[], float] = time.monotonic,
) -> Mined:
    """Mine the repository at `path`, for about `limit_s` seconds at most.

    name  `owner/name`; without it, by the address that it was cloned from

    Raises Refused for a project that is out of bounds, and HistoryError.
    """
    end_s = clock() + limit_s
    with GitHistory(path) as git:
        head = git.head()
        name = name or git.name()
        _refuse(git, head, name)
        if git.is_shallow():
            raise HistoryError(
                f"{path} is a shallow clone, whose oldest commit seems to bring everything: "
                "run `git fetch --unshallow` in it"
            )
        mined = Mined(Origin(name, _license(git, head)), head)
        commits = []
        for commit in git.commits(git.suffixes(SUFFIXES)):
            commits.append(commit)
            if clock() > end_s:
                raise HistoryError(
                    f"{name}: reading its history takes longer than {limit_s:g} s: give more time"
                )
        found = blame(commits, is_source=words.is_source)
        mined.commits, mined.fixes = len(commits), len(found.fixes)
        walk = _Walk(git, mined, commits, found)
        for index in range(len(commits)):
            walk.step(index)
            if clock() > end_s:
                mined.is_whole = False
                break
        walk.pair()
    return mined


def _refuse(git: GitHistory, head: str, name: str) -> None:
    """Refuse a project by its name, its address and what its own files call it."""
    names = [name, git.name()]
    for file in _METADATA:
        text = git.file(head, file) or ""
        names += words.package_names(text)
    for one in names:
        if forbidden.is_forbidden_project(one):
            raise Refused(f"{name} is out of bounds ({one}): it examines the judge")


def _license(git: GitHistory, head: str) -> str:
    for file in git.files(head):
        if file.lower().startswith(("license", "licence", "copying")):
            found = changes.license_of(git.file(head, file) or "")
            if found != "unknown":
                return found
    return "unknown"


class _Walk:
    """The second pass: the state of the lines, and what was counted, as the commits go by."""

    def __init__(self, git: GitHistory, mined: Mined, commits: list[Commit], found: Blame) -> None:
        self.git, self.mined, self.commits, self.blame = git, mined, commits, found
        self.lines = Lines()
        self.seen: set[str] = set()
        self.wrong: list[Proposed] = []
        self.right: list[Proposed] = []
        self.past: dict[str, Past] = defaultdict(Past)
        self.last_time = commits[-1].time if commits else 0

    def step(self, index: int) -> None:
        """Take the rows of one commit and go past it."""
        commit = self.commits[index]
        if is_small_fix(commit, is_source=words.is_source):
            self._keep(self._pairs(index, commit))
        if index in self.blame.bugs and len(commit.patches) <= MAX_FILES:
            self._introduced(index, commit)
        else:
            self.lines.apply(commit)
        for patch in commit.patches:
            path = patch.new or patch.old
            if patch.old and patch.old != path:  # renamed: its past goes with it
                self.past[path] = self.past.pop(patch.old, Past())
            self.past[path].add(commit, is_fix=index in self.blame.fixes)

    def pair(self) -> None:
        """Take the rows of blamed functions, each with the right one that is nearest in size."""
        allowed = [
            [one for one in found if self._is_allowed(one.row)]
            for found in (self.wrong, self.right)
        ]
        self.mined.rows += matched(*allowed)

    def _keep(self, rows: Iterable[Mapping[str, object]]) -> None:
        self.mined.rows += [dict(row) for row in rows if self._is_allowed(row)]

    def _is_allowed(self, row: Mapping[str, object]) -> bool:
        """Whether a row may be used and is not there yet."""
        if why := forbidden.refusal(row) or refusal_of_code(str(row["code"])):
            self.mined.left_out[why] += 1
            return False
        key = f"{row['kind']}\0{row['label']}\0{unformatted(str(row['code']))}"
        is_new = key not in self.seen
        self.seen.add(key)
        return is_new

    def _units(self, index: int, path: str) -> dict[str, Unit]:
        """The functions of a file after the commit `index`; of none, nothing."""
        if index < 0 or not path:
            return {}
        text = self.git.file(self.commits[index].sha, path)
        return units(text, language_of(path)) if text is not None else {}

    def _before(self, commit: Commit, path: str) -> dict[str, Unit]:
        text = self.git.file(f"{commit.sha}^1", path) if path else None
        return units(text, language_of(path)) if text is not None else {}

    def _pairs(self, index: int, commit: Commit) -> Iterator[dict[str, object]]:
        for path, patch in source_patches(commit, is_source=words.is_source):
            before = self._before(commit, patch.old)
            after = self._units(index, path) if before else {}
            pairs = changes.fix_pairs(before, after, language_of(path))
            for old, new in pairs[:4]:
                place = Place(path, language_of(path), new)
                yield from changes.fix_rows(self.mined.origin, commit, place, old, new)

    def _introduced(self, index: int, commit: Commit) -> None:
        """Note the functions that a fix blamed, and those that no fix ever touched."""
        earlier = {p.new: self._earlier(commit, p) for p in commit.patches if p.new}
        before_lines = {p.new: list(self.lines.of(p.old, 1, 1 << 30)) for p in commit.patches}
        self.lines.apply(commit)
        for path, patch in source_patches(commit, is_source=words.is_source):
            here = self._units(index, path)
            old = self._before(commit, patch.old) if here else {}
            for unit in here.values():
                label = self._label(index, path, unit)
                before = old.get(unit.name)
                if label is None or (before is not None and before.code == unit.code):
                    continue  # not known, or its lines came anew in another order
                row = changes.change_row(
                    self.mined.origin,
                    commit,
                    Place(path, language_of(path), unit),
                    before,
                    label=label,
                    context=changes.context_of(list(here.values()), unit),
                    history={**earlier[path], **self._ages(commit, before, before_lines[path])},
                )
                if "@@" in str(row["diff"]):
                    (self.right if label else self.wrong).append(Proposed(row, commit.time))

    def _label(self, index: int, path: str, unit: Unit) -> int | None:
        """0 where a fix blamed lines that the commit brought, 1 where no fix came near, or None."""
        ids = set(self.lines.of(path, unit.start_line, unit.end_line))
        if ids & self.blame.bugs[index]:
            return 0
        is_settled = self.last_time - self.commits[index].time > SETTLED_DAYS * changes.DAY_S
        is_new = any(self.lines.commit_of(one) == index for one in ids)
        return 1 if is_settled and is_new and not ids & self.blame.touched else None

    def _earlier(self, commit: Commit, patch: Patch) -> dict[str, float]:
        past = self.past[patch.old or patch.new]
        return {**past.told(commit.time), **changes.spread(commit.patches)}

    def _ages(self, commit: Commit, old: Unit | None, ids: list[int]) -> dict[str, float]:
        """The history of the function's own lines, as they were before the commit."""
        mine = ids[old.start_line - 1 : old.end_line] if old is not None else []
        origins = {self.lines.commit_of(one) for one in mine}
        ages = [(commit.time - self.commits[one].time) / changes.DAY_S for one in origins]
        return {
            "function_changes": float(len(origins)),
            "function_fixes": float(len(origins & self.blame.fixes)),
            "function_authors": float(len({self.commits[one].author for one in origins})),
            "newest_line_days": round(min(ages), 1) if ages else -1.0,
            "oldest_line_days": round(max(ages), 1) if ages else -1.0,
        }

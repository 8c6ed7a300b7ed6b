"""Decide which files and pieces of a change are judged, and say why the others are not. No I/O.

Whatever is left out is named with a reason: silence would read as approval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec

from judge.diff import FileDiff
from judge.languages import language_of
from judge.snippets import snippets
from judge.types import Snippet
from worker.file_kinds import (
    DATA_FOLDERS,
    GENERATED_MARKS,
    GENERATED_NAMES,
    LOCK_FILES,
    MINIFIED_NAMES,
    NOT_CODE,
    NOT_CODE_NAMES,
    VENDORED_FOLDERS,
)
from worker.repo_config import DEFAULT_RULES, Rules
from worker.types import Skipped

MAX_ADDED_LINES = 3_000  # of one file; more is an import of foreign code, not a change to review
MAX_FILE_BYTES = 500_000  # of one file; people write none so large
HEAD_LINES = 20  # where a generated file says that it is one
MINIFIED_LINE_CHARS = 2_000  # nobody writes code lines this long
MINIFIED_MEAN_CHARS = 300  # ... nor lines as long as this on average

BINARY = "binary file"
TOO_LARGE = "too large"
OVER_LIMIT = "not judged: at most"
NOTHING_TO_JUDGE = "only imports, comments, constants, declarations or white space changed"

TextOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a change is judged, in its order, and what is not."""

    snippets: tuple[Snippet, ...]
    skipped: tuple[Skipped, ...]


def select(
    files: Iterable[FileDiff],
    texts: Mapping[str, str | None] | TextOf,
    *,
    rules: Rules = DEFAULT_RULES,
    prompt: str = "",
    max_snippets: int | None = None,
) -> Selection:
    """The snippets of a change that are worth judging, and the files that are not, with reasons.

    texts   new text by path, None where there is none; a callable is asked only for files that
            the path and the diff alone do not rule out, and never for one outside the repository
    rules   `ignore`, matched against the new path, and `languages` narrow what is judged
    prompt  what the change is for: its title and description
    max_snippets  of the change; None: as many as the rules say
    """
    text_of = texts.get if isinstance(texts, Mapping) else texts
    ignored, wanted = (GitIgnoreSpec.from_lines(lines) for lines in (rules.ignore, rules.paths))
    most = rules.max_snippets if max_snippets is None else max_snippets
    found: list[Snippet] = []
    skipped: list[Skipped] = []
    for file in files:
        is_elsewhere = bool(rules.paths) and not wanted.match_file(file.path)
        reason = _reason_by_rules(file.path, ignored, rules.languages, is_elsewhere=is_elsewhere)
        pieces, reason = ((), reason) if reason else _look(file, text_of, prompt)
        room = max(0, most - len(found))
        found.extend(pieces[:room])
        if len(pieces) > room:
            reason = _over_limit(len(pieces) - room, len(pieces), most)
        if reason:
            skipped.append(Skipped(file.path, reason, is_code=_is_unread_code(file, reason)))
    return Selection(tuple(found), tuple(skipped))


def _reason_by_rules(
    path: str, ignored: GitIgnoreSpec, languages: Sequence[str], *, is_elsewhere: bool
) -> str | None:
    if ignored.match_file(path):
        return "ignored by the repository's rules"
    if is_elsewhere:
        return "outside the paths that the repository's rules name"
    if languages and language_of(path) not in languages:
        return "not in a language that the repository's rules name"
    return None


def _look(file: FileDiff, text_of: TextOf, prompt: str) -> tuple[tuple[Snippet, ...], str | None]:
    """Snippets of one file, or the reason why there are none."""
    reason = skip_reason(file, new_text=None)
    if reason:
        return (), reason
    text = text_of(file.path) if _is_inside(file.path) else None
    reason = skip_reason(file, new_text=text)
    if reason:
        return (), reason
    pieces = snippets(file, text, prompt=prompt)
    return pieces, None if pieces else NOTHING_TO_JUDGE


def _is_unread_code(file: FileDiff, reason: str) -> bool:
    """Whether a judge should have read this file: leaving it out is then no pass.

    A forge shows no code of a file with a NUL in it, or that `.gitattributes` calls binary.
    """
    if not language_of(file.path):
        return False
    if reason == BINARY:
        return not file.is_deleted and _reason_by_path(file.path) is None
    return reason.startswith(TOO_LARGE) or OVER_LIMIT in reason


def _over_limit(left: int, total: int, limit: int) -> str:
    of_all = "" if left == total else f" of {total}"
    pieces = "1 snippet" if left == total == 1 else f"{left}{of_all} snippets"
    return f"{pieces} {OVER_LIMIT} {limit} of one change are"


def _is_inside(path: str) -> bool:
    """Whether `path`, which the change's author chose, stays inside the repository."""
    parts = PurePosixPath(path).parts
    return not path.startswith("/") and ".." not in parts and "\0" not in path


def skip_reason(file: FileDiff, *, new_text: str | None) -> str | None:
    """Why a file is not judged, as a short clause for people, or None where it may be.

    new_text  the whole file after the change, or None where it is not at hand: then the added
              lines stand in for it
    """
    return _reason_by_change(file) or _reason_by_path(file.path) or _reason_by_text(file, new_text)


def _reason_by_change(file: FileDiff) -> str | None:
    if file.is_binary:
        return BINARY
    if file.is_submodule:
        return "submodule"
    if file.is_symlink:
        return "symbolic link"
    if file.is_deleted:
        return "deleted"
    if file.withheld:
        return f"{TOO_LARGE}: the forge shows no diff of its {file.withheld:,} added lines"
    if not file.hunks:
        if file.is_rename:
            return "renamed without changes"
        if file.is_copy:
            return "copied without changes"
        return "empty file" if file.is_new else "only its mode changed"
    added = len(file.added_lines)
    if not added:
        return "only deletions"
    if added > MAX_ADDED_LINES:
        return f"{TOO_LARGE}: {added:,} added lines, at most {MAX_ADDED_LINES:,} are judged"
    return None


def _reason_by_path(path: str) -> str | None:
    file = PurePosixPath(path.lower())
    folders = frozenset(file.parts[:-1])
    if file.name in LOCK_FILES or file.name.endswith(".lock"):
        return "lock file"
    if folders & VENDORED_FOLDERS:
        return "vendored code"
    if GENERATED_NAMES.search(file.name):
        return "generated code"
    if MINIFIED_NAMES.search(file.name):
        return "minified code"
    if folders & DATA_FOLDERS:
        return "test data"
    if language_of(path):
        return None
    if file.name in NOT_CODE_NAMES or (file.name.startswith(".") and not file.suffix):
        return "no code: project file"
    return NOT_CODE.get(file.suffix)


def _reason_by_text(file: FileDiff, new_text: str | None) -> str | None:
    added = [line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+"]
    text = "\n".join(added) if new_text is None else new_text
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_FILE_BYTES:
        return f"{TOO_LARGE}: {size // 1000:,} kB, at most {MAX_FILE_BYTES // 1000:,} kB are judged"
    if "\0" in text:
        return BINARY
    if _says_generated(file, new_text):
        return "generated code"
    return "minified code" if _is_minified(file.path, added) else None


def _says_generated(file: FileDiff, new_text: str | None) -> bool:
    """Whether the first lines, as far as they are known, say that a tool wrote the file."""
    if new_text is not None:
        head = new_text.split("\n", HEAD_LINES)[:HEAD_LINES]
    else:
        head = [
            line.text
            for hunk in file.hunks
            for line in hunk.lines
            if line.new_line is not None and line.new_line <= HEAD_LINES
        ]
    return any(GENERATED_MARKS.search(line[:MINIFIED_LINE_CHARS]) for line in head)


def _is_minified(path: str, added: Sequence[str]) -> bool:
    """Whether added lines are longer than people write them; one long string does not count."""
    lengths = [len(line) for line in added if line.strip()]
    if not lengths or not re.search(r"\.(?:[mc]?js|jsx|ts|tsx|php|css)$", path.lower()):
        return bool(lengths) and sum(lengths) / len(lengths) > MINIFIED_LINE_CHARS
    return sum(lengths) / len(lengths) > MINIFIED_MEAN_CHARS or (
        max(lengths) > MINIFIED_LINE_CHARS and max(lengths) * 2 > sum(lengths)
    )

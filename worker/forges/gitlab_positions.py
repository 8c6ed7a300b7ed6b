"""Decide where a comment stands in GitLab's terms, and how its words are written there. No I/O.

docs.gitlab.com/api/discussions, "Create a new thread in the merge request diff": an added line
has its new number alone, a line of context both, and both paths are always given. A range has
the codes of its first and last line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from judge.diff import FileDiff
from worker.escape import code_span
from worker.forges.gitlab_answers import Version
from worker.types import Comment

MAX_SUGGESTION_LINES = 100  # each way; docs.gitlab.com, reviews/suggestions
FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")
SUGGESTION = re.compile(r"^(\s*(?:`{3,}|~{3,})\s*suggestion)(?=\s|$)")
QUICK_ACTION = re.compile(r"^(\s*)/(?=[a-zA-Z])")

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Place:
    """One line of a diff as GitLab numbers it: both counters, as they stand at that line."""

    old: int
    new: int
    is_added: bool


def on_lines(comment: Comment, file: FileDiff, version: Version) -> Body | None:
    """The position of a comment on its lines, or None where the diff does not show them."""
    places = {place.new: place for place in _places(file)}
    first, last = places.get(comment.start_line), places.get(comment.end_line)
    if first is None or last is None:
        return None
    position = {**_common(file, version), "position_type": "text", **_numbers(last)}
    if first.new == last.new:
        return position
    ends = {"start": _end(file.path, first), "end": _end(file.path, last)}
    return {**position, "line_range": ends}


def on_file(file: FileDiff, version: Version) -> Body:
    """The position of a comment on a file as a whole. Needs GitLab 16.4."""
    return {**_common(file, version), "position_type": "file"}


def line_code(path: str, *, old: int, new: int) -> str:
    """GitLab's name of a line: the hash of the file's path, and both counters."""
    digest = hashlib.sha1(path.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return f"{digest.hexdigest()}_{old}_{new}"


def words_on_lines(comment: Comment) -> str:
    """The comment for a note on its lines."""
    return written(comment.body, lines_above=comment.end_line - comment.start_line)


def words_elsewhere(comment: Comment) -> str:
    """The comment for a note that stands on no line: it names them, and suggests nothing."""
    lines = f"{code_span(comment.path)} lines {comment.start_line}-{comment.end_line}:"
    return f"{lines}\n\n{written(comment.body, lines_above=None)}"


def written(body: str, *, lines_above: int | None) -> str:
    """Words as GitLab reads them.

    A suggestion counts from the line that the note stands on, so that one for a range has to
    say how many lines above it begins; one for too many lines becomes plain code. A line that
    begins with a slash would be a quick action.

    lines_above  lines of the comment's range before the one that the note stands on; None
                 where it stands on none, and nothing can be suggested
    """
    return "\n".join(_rewritten(body.split("\n"), lines_above))


def _rewritten(lines: list[str], lines_above: int | None) -> Iterator[str]:
    fence = ""
    for line in lines:
        found = FENCE.match(line)
        if not fence and found:
            fence = found[2]
            yield _suggestion(line, lines_above)
            continue
        if fence:
            is_end = found is not None and found[2].startswith(fence) and not found[3].strip()
            fence = "" if is_end else fence
            yield line
            continue
        yield QUICK_ACTION.sub(r"\1\\/", line)


def _suggestion(line: str, lines_above: int | None) -> str:
    if not SUGGESTION.match(line):
        return line
    if lines_above is None or lines_above > MAX_SUGGESTION_LINES:
        return line.replace("suggestion", "", 1).rstrip()
    return SUGGESTION.sub(rf"\1:-{lines_above}+0", line)


def _places(file: FileDiff) -> Iterator[_Place]:
    """The lines that a comment may stand on: those of the new side that the diff shows."""
    for hunk in file.hunks:
        old, new = hunk.old_start, hunk.new_start
        for line in hunk.lines:
            if line.kind != "-":
                yield _Place(old, new, is_added=line.kind == "+")
            old += line.kind != "+"
            new += line.kind != "-"


def _common(file: FileDiff, version: Version) -> Body:
    return {
        "base_sha": version.base_commit_sha,
        "start_sha": version.start_commit_sha,
        "head_sha": version.head_commit_sha,
        "old_path": file.old_path or file.path,
        "new_path": file.path,
    }


def _numbers(place: _Place) -> Mapping[str, int]:
    if place.is_added:
        return {"new_line": place.new}
    return {"old_line": place.old, "new_line": place.new}


def _end(path: str, place: _Place) -> Body:
    code = {"line_code": line_code(path, old=place.old, new=place.new)}
    kind = {"type": "new"} if place.is_added else {}
    return {**code, **kind, **_numbers(place)}

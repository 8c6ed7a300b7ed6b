"""What GitLab refuses, from its API documentation and its source; reckoned without our code."""

from __future__ import annotations

import hashlib
import re

from tests.doubles.gitlab.state import Change

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
MAX_FILES = 1_000  # of one diff; docs.gitlab.com/administration/diff_limits
MAX_NOTE = 1_000_000  # characters; docs.gitlab.com/administration/instance_limits
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
INCOMPLETE = (
    '400 Bad request - Note {:line_code=>["can\'t be blank", "must be a valid line code"], '
    ':position=>["is incomplete"]}'
)


class RefusedError(Exception):
    def __init__(self, status: int, message: object) -> None:
        super().__init__(str(message))
        self.status, self.message = status, message


def sections(diff: str) -> dict[str, str]:
    """Each file's part of a diff, from its first hunk on, by its new path."""
    found: dict[str, str] = {}
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        name = re.search(r"^\+\+\+ b/(.*)$", part, flags=re.MULTILINE)
        path = name[1] if name else part.split("\n", 1)[0].rpartition(" b/")[2]
        at = re.search(r"^@@ ", part, flags=re.MULTILINE)
        found[path] = part[at.start() :] if at else ""
    return found


def lines(hunks: str) -> dict[int, tuple[str, int]]:
    """Kind and old counter of every line of the new side, by its number."""
    found: dict[int, tuple[str, int]] = {}
    old = new = 0
    for row in hunks.split("\n"):
        head = HUNK.match(row)
        if head:
            old, new = int(head[1]), int(head[3])
        elif row.startswith("+"):
            found[new] = ("new", old)
            new += 1
        elif row.startswith("-"):
            old += 1
        elif row.startswith(" "):
            found[new] = ("context", old)
            old, new = old + 1, new + 1
    return found


def code(path: str, old: int, new: int) -> str:
    return f"{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}_{old}_{new}"


def check_text(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise RefusedError(400, "body is missing")
    if len(text) > MAX_NOTE:
        raise RefusedError(400, "Note {:note=>['is too long']}")
    return text


def check_position(change: Change, position: object, *, has_file_positions: bool) -> None:
    """Refuse a position that GitLab could not find in the diff of its version."""
    if not isinstance(position, dict):
        raise RefusedError(400, "position is invalid")
    kinds = ("text", "image", "file") if has_file_positions else ("text", "image")
    if position.get("position_type") not in kinds:
        raise RefusedError(400, "position[position_type] does not have a valid value")
    shas = tuple(position.get(key) for key in ("head_sha", "base_sha", "start_sha"))
    if shas not in {(one.head, one.base, one.start) for one in change.versions}:
        raise RefusedError(400, INCOMPLETE)
    path = position.get("new_path")
    if not path or not position.get("old_path"):
        raise RefusedError(400, INCOMPLETE)
    files = sections(change.diffs[str(position["head_sha"])])
    if path not in files:
        raise RefusedError(400, INCOMPLETE)
    if position["position_type"] == "text":
        shown = lines(files[str(path)])
        _check_line(position, shown)
        _check_range(position, str(path), shown)


def _check_line(position: dict[str, object], shown: dict[int, tuple[str, int]]) -> None:
    """An added line has its new number alone, one of context both, and right ones."""
    kind, old = shown.get(position.get("new_line"), ("", 0))  # type: ignore[call-overload]
    expected = {"new": None, "context": old}.get(kind, "none such")
    if position.get("old_line") != expected:
        raise RefusedError(400, INCOMPLETE)


def _check_range(position: dict[str, object], path: str, shown: dict[int, tuple[str, int]]) -> None:
    asked = position.get("line_range")
    if asked is None:
        return
    start, end = asked["start"], asked["end"]  # type: ignore[index]
    for at in (start, end):
        kind, old = shown.get(at.get("new_line"), ("", 0))
        wanted = {"new": ("new", None), "context": (None, old)}.get(kind)
        is_right = at.get("line_code") == code(path, old, at.get("new_line"))
        if not is_right or wanted != (at.get("type"), at.get("old_line")):
            raise RefusedError(400, INCOMPLETE)
    if not start["new_line"] < end["new_line"] == position.get("new_line"):
        raise RefusedError(400, INCOMPLETE)

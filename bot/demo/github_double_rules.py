"""Decide what GitHub would refuse with 422, from its OpenAPI description and docs. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MAX_ANNOTATIONS = 50  # docs.github.com/rest/checks/runs
MAX_SUMMARY = 65_535  # docs.github.com/rest/checks/runs
MAX_ANNOTATION_BYTES = 65_536  # docs.github.com/rest/checks/runs
MAX_ANNOTATION_TITLE = 255  # docs.github.com/rest/checks/runs
MAX_BODY = 65_536  # seen in public issue threads
MAX_DESCRIPTION = 140  # seen in public issue threads
MAX_CONTEXT = 255  # seen in public issue threads
MAX_DIFF_LINES = 20_000  # docs.github.com/repositories, limits
MAX_DIFF_BYTES = 1_000_000  # docs.github.com/repositories, limits
MAX_DIFF_FILES = 300  # docs.github.com/repositories, limits
MAX_PATCH_LINES = 3_000  # of one file in the list of a change's files; seen in public threads
MAX_FILES = 3_000  # docs.github.com/rest/pulls/pulls#list-pull-requests-files
MAX_COMMITS = 250  # docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request
MAX_ACTIONS = 3  # docs.github.com/rest/checks/runs
ACTION_CHARS = {
    "label": 20,
    "description": 40,
    "identifier": 20,
}  # docs.github.com/rest/checks/runs

STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
)
LEVELS = ("notice", "warning", "failure")
EVENTS = ("APPROVE", "REQUEST_CHANGES", "COMMENT")
STATES = ("error", "failure", "pending", "success")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")

Lines = dict[tuple[str, str], list[set[int]]]


class UnprocessableError(Exception):
    """GitHub would answer 422; `errors` are its sentences."""

    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


def is_too_large(diff: str) -> bool:
    """Whether GitHub would refuse to serve a diff of this size."""
    return (
        diff.count("\n") > MAX_DIFF_LINES
        or len(diff.encode()) > MAX_DIFF_BYTES
        or diff.count("\ndiff --git ") >= MAX_DIFF_FILES
    )


def commentable(diff: str) -> Lines:
    """Line numbers that take comments, one set per hunk, by (path, side)."""
    lines: Lines = {}
    name, old, new, left, right = "", 0, 0, 0, 0
    for row in diff.split("\n"):
        if left <= 0 and right <= 0:
            if row.startswith("+++ "):
                name = name_in(row[4:].split("\t")[0], "b/")
            found = HUNK.match(row)
            if found:
                old, left = int(found[1]), int(found[2] or 1)
                new, right = int(found[3]), int(found[4] or 1)
                lines.setdefault((name, "LEFT"), []).append(set())
                lines.setdefault((name, "RIGHT"), []).append(set())
            continue
        if row.startswith(("-", " ")) or not row:
            lines[name, "LEFT"][-1].add(old)
            old, left = old + 1, left - 1
        if row.startswith(("+", " ")) or not row:
            lines[name, "RIGHT"][-1].add(new)
            new, right = new + 1, right - 1
    return lines


def name_in(field: str, side: str) -> str:
    """A file's name from a diff's header, out of git's quotes where it has them.

    side  what git writes before it: "a/" or "b/"
    """
    if field.startswith('"'):
        raw = field.strip('"').encode("latin-1", "backslashreplace").decode("unicode_escape")
        field = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return field.removeprefix(side)


def check_review(body: Mapping[str, object], diffs: Mapping[str, str]) -> None:
    """Refuse a review that GitHub would refuse. A missing commit is refused too, on purpose.

    diffs  of the change, by head
    """
    commit = body.get("commit_id")
    _require(isinstance(commit, str) and commit in diffs, f"No commit found for SHA: {commit}")
    _require(body.get("event") in EVENTS, f"event {body.get('event')!r} is not one of {EVENTS}")
    comments = mappings(body, "comments")
    text = body.get("body") or ""
    _require(bool(text or comments), "Review body is required")
    _require(len(str(text)) <= MAX_BODY, f"Body is too long (maximum is {MAX_BODY} characters)")
    lines = commentable(diffs[str(commit)])
    for comment in comments:
        _check_comment(comment, lines)


def _check_comment(comment: Mapping[str, object], lines: Lines) -> None:
    _require(bool(comment.get("path") and comment.get("body")), "path and body are required")
    size = len(str(comment["body"]))
    _require(size <= MAX_BODY, f"Body is too long (maximum is {MAX_BODY} characters)")
    side, line = str(comment.get("side", "RIGHT")), comment.get("line")
    hunks = lines.get((str(comment["path"]), side))
    _require(hunks is not None, "Path could not be resolved")
    inside = [hunk for hunk in hunks or [] if line in hunk]
    _require(bool(inside), "Line could not be resolved")
    start = comment.get("start_line")
    if start is not None:
        _require(isinstance(start, int) and isinstance(line, int), "start_line must be a number")
        _require(int(str(start)) < int(str(line)), "start_line must precede the end line")
        _require(comment.get("start_side", "RIGHT") in {"LEFT", "RIGHT"}, "start_side is invalid")
        _require(start in inside[0], "start_line must be part of the same hunk as the line")


def check_run(body: Mapping[str, object], *, is_new: bool) -> None:
    """Refuse a check run, or its update, that GitHub would refuse."""
    if is_new:
        _require(bool(body.get("name") and body.get("head_sha")), "name and head_sha are required")
    _require(body.get("status", "queued") in STATUSES, f"status {body.get('status')!r} is unknown")
    conclusion = body.get("conclusion")
    if body.get("status") == "completed" or "conclusion" in body:
        _require(conclusion in CONCLUSIONS, f"conclusion {conclusion!r} is not one of its values")
    actions = mappings(body, "actions")
    _require(len(actions) <= MAX_ACTIONS, f"actions exceeds a maximum of {MAX_ACTIONS}")
    for action in actions:
        for key, limit in ACTION_CHARS.items():
            _require(1 <= len(str(action.get(key) or "")) <= limit, f"{key} of an action is wrong")
    output = body.get("output")
    if output is not None:
        _require(isinstance(output, dict), "output must be an object")
        _check_output(output if isinstance(output, dict) else {})


def _check_output(output: Mapping[str, object]) -> None:
    _require(bool(output.get("title") and output.get("summary")), "title and summary are required")
    for key in ("summary", "text"):
        _require(len(str(output.get(key) or "")) <= MAX_SUMMARY, f"{key} exceeds {MAX_SUMMARY}")
    rows = mappings(output, "annotations")
    _require(len(rows) <= MAX_ANNOTATIONS, f"annotations exceeds a maximum of {MAX_ANNOTATIONS}")
    for row in rows:
        _check_annotation(row)


def _check_annotation(row: Mapping[str, object]) -> None:
    start, end = row.get("start_line"), row.get("end_line")
    _require(bool(row.get("path") and row.get("message")), "path and message are required")
    _require(isinstance(start, int) and isinstance(end, int), "lines must be numbers")
    _require(1 <= int(str(start)) <= int(str(end)), "lines must ascend from 1")
    _require(row.get("annotation_level") in LEVELS, "annotation_level is unknown")
    has_columns = "start_column" in row or "end_column" in row
    _require(not has_columns or start == end, "columns need start_line to equal end_line")
    size = len(str(row["message"]).encode("utf-8", "replace"))
    _require(size <= MAX_ANNOTATION_BYTES, "message exceeds 64 KB")
    _require(len(str(row.get("title") or "")) <= MAX_ANNOTATION_TITLE, "title exceeds 255")


def check_single_comment(body: Mapping[str, object], diffs: Mapping[str, str]) -> None:
    """Refuse a comment outside of a review that GitHub would refuse."""
    commit = body.get("commit_id")
    _require(isinstance(commit, str) and commit in diffs, f"No commit found for SHA: {commit}")
    lines = commentable(diffs[str(commit)])
    if body.get("subject_type", "line") == "line":
        return _check_comment(body, lines)
    _require(body.get("subject_type") == "file", "subject_type is not one of line, file")
    _require(not {"line", "start_line", "position"} & body.keys(), "a file has no line")
    _require(bool(body.get("path") and body.get("body")), "path and body are required")
    size = len(str(body["body"]))
    _require(size <= MAX_BODY, f"Body is too long (maximum is {MAX_BODY} characters)")
    return _require((str(body["path"]), "RIGHT") in lines, "Path could not be resolved")


def check_status(body: Mapping[str, object]) -> None:
    """Refuse a commit status that GitHub would refuse."""
    _require(body.get("state") in STATES, f"state {body.get('state')!r} is not one of {STATES}")
    size = len(str(body.get("description") or ""))
    _require(size <= MAX_DESCRIPTION, "description is too long (maximum is 140 characters)")
    _require(len(str(body.get("context") or "")) <= MAX_CONTEXT, "context is too long")


def check_issue_comment(body: Mapping[str, object]) -> None:
    """Refuse a comment that GitHub would refuse."""
    text = body.get("body")
    _require(isinstance(text, str) and bool(text), "body is required")
    _require(len(str(text)) <= MAX_BODY, f"body is too long (maximum is {MAX_BODY} characters)")


def mappings(body: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    """The objects of a list in a body, empty where it is not there."""
    rows = body.get(key) or []
    is_list = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    _require(is_list, f"{key} must be a list of objects")
    return rows if isinstance(rows, list) else []


def _require(holds: bool, error: str) -> None:
    if not holds:
        raise UnprocessableError(error)

"""The endpoints of GitLab's REST API that a review bot calls, over a `State`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from werkzeug.wrappers import Response

from tests.doubles.gitlab import notes, rules, shapes
from tests.doubles.gitlab.call import RAW_DIFFS, SKIPPED, STATUS_CHECKS, Answer, Call, paged
from tests.doubles.gitlab.rules import RefusedError
from tests.doubles.gitlab.shapes import Json
from tests.doubles.gitlab.state import Change, Status

ALONE = {"changes_count", "head_pipeline", "diff_refs"}  # what a list leaves out
FINISHED = {"success", "failed", "canceled", "skipped"}
# How a status that goes on may move: app/models/commit_status.rb; the API answers 400 to the rest.
MOVES = {
    "pending": ("enqueue", set[str]()),
    "running": ("run", {"pending"}),
    "success": ("success", {"pending", "running"}),
    "failed": ("drop", {"pending", "running"}),
    "canceled": ("cancel", {"pending", "running"}),
    "skipped": ("skip", {"pending"}),
}
PROJECT = r"/projects/(?P<repo>[^/]+)"
MR = rf"{PROJECT}/merge_requests/(?P<iid>\d+)"


def user(call: Call) -> Answer:
    return shapes.user(call.username)


def branch(call: Call) -> Answer:
    tip = call.state.branches.get((call.repo, call.named["name"]))
    if tip is None:
        raise RefusedError(404, "404 Branch Not Found")
    return {"name": call.named["name"], "commit": {"id": tip}, "protected": True}


def raw_file(call: Call) -> Answer:
    key = (call.repo, call.request.args.get("ref", ""), call.named["path"])
    if key not in call.state.files:
        raise RefusedError(404, "404 File Not Found")
    return Response(call.state.files[key], content_type="text/plain")


def merge_request(call: Call) -> Answer:
    return shapes.merge_request(call.state, call.change)


def merge_requests(call: Call) -> Answer:
    wanted, after = call.request.args.get("state"), call.request.args.get("updated_after", "")
    found = [
        shapes.merge_request(call.state, one)
        for (repo, _), one in call.state.changes.items()
        if repo == call.repo and wanted in {None, one.state}
    ]
    shown = [one for one in found if str(one["updated_at"]) >= after]
    return paged(call, [{k: v for k, v in one.items() if k not in ALONE} for one in shown])


def raw_diffs(call: Call) -> Answer:
    call.needs(RAW_DIFFS)
    return Response(call.change.diffs[call.change.head], content_type="text/plain")


def diffs(call: Call) -> Answer:
    return paged(call, shapes.changes(call.change))


def versions(call: Call) -> Answer:
    return paged(call, [shapes.version(one) for one in reversed(call.change.versions)])


def commits(call: Call) -> Answer:
    return paged(call, [shapes.commit(one) for one in reversed(call.change.commits)])


def landed(call: Call) -> Answer:
    asked = call.request.args
    on_branch = call.state.landed.get((call.repo, asked.get("ref_name", "")), [])
    newer = [one for one in reversed(on_branch) if one["at"] >= asked.get("since", "")]
    return paged(call, [shapes.commit(one) for one in newer])


def commit_diff(call: Call) -> Answer:
    diff = call.state.commit_diffs.get((call.repo, call.named["sha"]))
    if diff is None:
        raise RefusedError(404, "404 Commit Not Found")
    return paged(call, shapes.files(diff))


def statuses(call: Call) -> Answer:
    wanted = call.request.args.get("name")
    newest: dict[str, Status] = {}
    for one in call.state.statuses:
        if (one.repo, one.sha) == (call.repo, call.named["sha"]) and wanted in {None, one.name}:
            newest[one.name] = one
    return paged(call, [shapes.status(one, call.username) for one in newest.values()])


def post_status(call: Call) -> Answer:
    body, sha = call.body, call.named["sha"]
    state, name = body.get("state"), str(body.get("name") or body.get("context") or "default")
    known = rules.STATES if SKIPPED in call.features else rules.STATES[:-1]
    if state not in known:
        raise RefusedError(400, "state does not have a valid value")
    of_repo = [one for (repo, _), one in call.state.changes.items() if repo == call.repo]
    if not any(sha in one.diffs for one in of_repo):
        raise RefusedError(404, "404 Commit Not Found")
    _check_pipeline(body, of_repo)
    same = [one for one in call.state.statuses if (one.sha, one.name) == (sha, name)]
    going = same[-1] if same and same[-1].status not in FINISHED else None
    event, before = MOVES[str(state)]
    if going is not None and going.status not in before:
        raise RefusedError(400, f"Cannot transition status via :{event} from :{going.status}")
    made = going or Status(call.state.next_id(), call.repo, sha, "", name, None, None, None)
    made.status, made.description = str(state), body.get("description")  # type: ignore[assignment]
    made.ref, made.pipeline_id = body.get("ref"), body.get("pipeline_id")  # type: ignore[assignment]
    if going is None:
        call.state.statuses.append(made)
    return shapes.status(made, call.username)


def _check_pipeline(body: Json, changes: Sequence[Change]) -> None:
    if "pipeline_id" in body:
        known = {(one.pipeline["id"], one.pipeline["ref"]) for one in changes if one.pipeline}
        if (body["pipeline_id"], body.get("ref")) not in known:
            raise RefusedError(404, "404 Pipeline for pipeline_id, sha and ref Not Found")
    elif not body.get("ref"):
        raise RefusedError(404, "404 References for commit Not Found")


def status_checks(call: Call) -> Answer:
    call.needs(STATUS_CHECKS)
    found = [one for one in call.state.status_checks if one.repo == call.repo]
    return paged(call, [shapes.status_check(one) for one in found])


def answer_check(call: Call) -> Answer:
    call.needs(STATUS_CHECKS)
    if call.body.get("sha") != call.change.head:
        raise RefusedError(409, "409 Conflict: SHA does not match HEAD of source branch")
    if call.body.get("status") not in {"pending", "passed", "failed"}:
        raise RefusedError(400, "status does not have a valid value")
    for one in call.state.status_checks:
        if one.id == call.body.get("external_status_check_id"):
            one.status, one.sha = str(call.body["status"]), call.change.head
            return {"id": 1, "merge_request": {}, "external_status_check": {}}
    raise RefusedError(404, "404 Not Found")


def members(call: Call) -> Answer:
    asked = call.request.args.get("query", "")
    return paged(
        call,
        [
            {**shapes.user(name), "state": state, "access_level": level, "expires_at": None}
            for name, (level, state) in call.state.members.items()
            if asked in name
        ],
    )


def hooks(call: Call) -> Answer:
    standing = [one for one in call.state.hooks if one["repo"] == call.repo]
    return paged(call, [{"id": one["id"], "url": one["url"]} for one in standing])


def add_hook(call: Call) -> Answer:
    made = {**call.body, "id": call.state.next_id(), "repo": call.repo}
    call.state.hooks.append(made)
    return {"id": made["id"], "url": made["url"]}


ROUTES: list[tuple[str, str, int, Callable[[Call], Answer]]] = [
    ("GET", r"/user", 200, user),
    ("GET", rf"{PROJECT}/repository/branches/(?P<name>[^/]+)", 200, branch),
    ("GET", rf"{PROJECT}/repository/files/(?P<path>[^/]+)/raw", 200, raw_file),
    ("GET", rf"{PROJECT}/repository/commits", 200, landed),
    ("GET", rf"{PROJECT}/repository/commits/(?P<sha>[^/]+)/diff", 200, commit_diff),
    ("GET", rf"{PROJECT}/repository/commits/(?P<sha>[^/]+)/statuses", 200, statuses),
    ("POST", rf"{PROJECT}/statuses/(?P<sha>[^/]+)", 201, post_status),
    ("GET", rf"{PROJECT}/members/all", 200, members),
    ("GET", rf"{PROJECT}/hooks", 200, hooks),
    ("POST", rf"{PROJECT}/hooks", 201, add_hook),
    ("GET", rf"{PROJECT}/merge_requests", 200, merge_requests),
    ("GET", MR, 200, merge_request),
    ("GET", rf"{MR}/raw_diffs", 200, raw_diffs),
    ("GET", rf"{MR}/diffs", 200, diffs),
    ("GET", rf"{MR}/versions", 200, versions),
    ("GET", rf"{MR}/commits", 200, commits),
    ("GET", rf"{MR}/discussions", 200, notes.discussions),
    ("POST", rf"{MR}/discussions", 201, notes.start_discussion),
    ("PUT", rf"{MR}/discussions/(?P<thread>[0-9a-f]+)", 200, notes.resolve),
    ("POST", rf"{MR}/discussions/(?P<thread>[0-9a-f]+)/notes", 201, notes.answer_thread),
    ("POST", rf"{MR}/notes", 201, notes.add_note),
    ("PUT", rf"{MR}/notes/(?P<note>\d+)", 200, notes.edit_note),
    ("GET", rf"{MR}/draft_notes", 200, notes.drafts),
    ("POST", rf"{MR}/draft_notes", 201, notes.add_draft),
    ("POST", rf"{MR}/draft_notes/bulk_publish", 204, notes.publish_drafts),
    ("DELETE", rf"{MR}/draft_notes/(?P<draft>\d+)", 204, notes.drop_draft),
    ("PUT", rf"{MR}/draft_notes/(?P<draft>\d+)/publish", 204, notes.publish_draft),
    ("GET", rf"{MR}/status_checks", 200, status_checks),
    ("POST", rf"{MR}/status_check_responses", 201, answer_check),
]


def find(method: str, path: str) -> tuple[Callable[[Call], Answer], dict[str, str], int] | None:
    """Who answers a request, and the named parts of its path, out of their quotes."""
    for verb, pattern, status, handler in ROUTES:
        found = re.fullmatch(pattern, path)
        if verb == method and found:
            return handler, {k: unquote(v) for k, v in found.groupdict().items()}, status
    return None

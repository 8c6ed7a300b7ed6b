"""The JSON of the stand-in's answers, in the fields of GitLab's documentation."""

from __future__ import annotations

from tests.doubles.gitlab import rules
from tests.doubles.gitlab.rules import sections
from tests.doubles.gitlab.state import (
    Change,
    Discussion,
    Draft,
    Note,
    State,
    Status,
    StatusCheck,
    Version,
)

NOW = "2026-03-02T09:12:44.000Z"
Json = dict[str, object]


def user(name: str) -> Json:
    number = sum(map(ord, name))
    return {
        "id": number,
        "username": name,
        "name": name.title(),
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"http://gitlab.example/{name}",
    }


def merge_request(state: State, change: Change) -> Json:
    newest = change.versions[-1]
    return {
        "id": 500 + change.iid,
        "iid": change.iid,
        "project_id": 3,
        "title": change.title,
        "description": change.body,
        "state": change.state,
        "created_at": NOW,
        "updated_at": NOW,
        "target_branch": change.target_branch,
        "source_branch": change.source_branch,
        "author": user(change.author),
        "assignees": [],
        "reviewers": [],
        "source_project_id": 3,
        "target_project_id": 3,
        "labels": [],
        "draft": change.draft,
        "merge_status": "unchecked",
        "detailed_merge_status": "checking",
        "sha": change.head,
        "web_url": f"http://gitlab.example/{change.repo}/-/merge_requests/{change.iid}",
        "has_conflicts": False,
        "changes_count": _count(len(sections(change.diffs.get(change.head, "")))),
        "head_pipeline": change.pipeline,
        "diff_refs": {
            "base_sha": newest.base,
            "head_sha": newest.head,
            "start_sha": newest.start,
        },
    }


def version(one: Version) -> Json:
    return {
        "id": one.id,
        "head_commit_sha": one.head,
        "base_commit_sha": one.base,
        "start_commit_sha": one.start,
        "created_at": NOW,
        "merge_request_id": 507,
        "state": "collected",
        "real_size": "1",
        "patch_id_sha": None,
    }


def _count(number: int) -> str:
    return str(number) if number <= rules.MAX_FILES else f"{rules.MAX_FILES}+"


def changes(change: Change) -> list[Json]:
    """The files of the newest diff; hunks that are withheld are told as GitLab tells them."""
    return files(change.diffs[change.head], withheld=change.withheld)[: rules.MAX_FILES]


def files(diff: str, *, withheld: frozenset[str] = frozenset()) -> list[Json]:
    """The files of a diff."""
    return [
        {
            "old_path": path,
            "new_path": path,
            "a_mode": "100644",
            "b_mode": "100644",
            "diff": "" if path in withheld else hunks,
            "collapsed": path in withheld,
            "too_large": path in withheld,
            "new_file": hunks.startswith("@@ -0,0"),
            "renamed_file": False,
            "deleted_file": False,
            "generated_file": False,
        }
        for path, hunks in sections(diff).items()
    ]


def note(one: Note) -> Json:
    shown = {
        "id": one.id,
        "type": one.type,
        "body": one.body,
        "author": user(one.author),
        "created_at": NOW,
        "updated_at": NOW,
        "system": one.system,
        "noteable_id": 507,
        "noteable_type": "MergeRequest",
        "project_id": 3,
        "noteable_iid": 7,
        "resolvable": one.resolvable,
        "confidential": False,
        "internal": False,
    }
    if one.resolvable:
        closer = user(one.resolved_by) if one.resolved_by else None
        shown |= {"resolved": one.resolved, "resolved_by": closer, "resolved_at": None}
    return {**shown, "position": one.position} if one.position else shown


def discussion(one: Discussion) -> Json:
    notes = [note(each) for each in one.notes]
    return {"id": one.id, "individual_note": one.individual, "notes": notes}


def draft(one: Draft) -> Json:
    empty = ("base_sha", "start_sha", "head_sha", "old_path", "new_path", "old_line", "new_line")
    blank = {**dict.fromkeys(empty), "position_type": "text", "line_range": None}
    return {
        "id": one.id,
        "author_id": 90,
        "merge_request_id": 507,
        "resolve_discussion": False,
        "discussion_id": None,
        "note": one.note,
        "commit_id": None,
        "line_code": None,
        "position": one.position or blank,
    }


def status(one: Status, author: str) -> Json:
    return {
        "id": one.id,
        "sha": one.sha,
        "ref": one.ref,
        "status": one.status,
        "name": one.name,
        "target_url": None,
        "description": one.description,
        "created_at": NOW,
        "started_at": None,
        "finished_at": None,
        "allow_failure": False,
        "coverage": None,
        "pipeline_id": one.pipeline_id,
        "author": user(author),
    }


def status_check(one: StatusCheck) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "external_url": "http://gavel.example/webhooks/gitlab",
        "status": one.status,
    }


def commit(one: dict[str, str]) -> Json:
    return {
        "id": one["id"],
        "short_id": one["id"][:8],
        "title": one["message"].split("\n")[0],
        "message": one["message"],
        "author_name": one.get("name", "Ada"),
        "author_email": one.get("email", "ada@example.org"),
        "created_at": one.get("at", NOW),
        "parent_ids": [],
    }

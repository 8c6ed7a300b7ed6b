"""Decide the JSON of what was posted to the stand-in, in GitHub's field names. No I/O."""

from __future__ import annotations

from bot.demo.github_double_shapes import NOW, Json, node, number, user
from bot.demo.github_double_state import CheckRun, Comment, IssueComment, Review, Status


def review(url: str, posted: Review) -> Json:
    """A submitted review, without its comments, as GitHub answers it."""
    at = f"{url}/repos/{posted.repo}/pulls/{posted.number}"
    state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}
    html = f"{url}/{posted.repo}/pull/{posted.number}#pullrequestreview-{posted.id}"
    return {
        "id": posted.id,
        "node_id": node(str(posted.id)),
        "user": user(url, posted.author),
        "body": posted.body,
        "state": state.get(posted.event, "COMMENTED"),
        "html_url": html,
        "pull_request_url": at,
        "_links": {"html": {"href": html}, "pull_request": {"href": at}},
        "submitted_at": NOW,
        "commit_id": posted.commit_id,
        "author_association": "NONE",
    }


def legacy_comment(url: str, posted: Comment) -> Json:
    """A comment as the list of one review gives it: without lines."""
    at = f"{url}/repos/{posted.repo}/pulls/{posted.number}"
    me = f"{url}/repos/{posted.repo}/pulls/comments/{posted.id}"
    html = f"{url}/{posted.repo}/pull/{posted.number}#discussion_r{posted.id}"
    return {
        "id": posted.id,
        "node_id": node(str(posted.id)),
        "url": me,
        "pull_request_review_id": posted.review_id,
        "diff_hunk": "@@",
        "path": posted.path,
        "position": 1,
        "original_position": 1,
        "commit_id": posted.commit_id,
        "original_commit_id": posted.commit_id,
        "user": user(url, posted.author),
        "body": posted.body,
        "created_at": NOW,
        "updated_at": NOW,
        "html_url": html,
        "pull_request_url": at,
        "author_association": "NONE",
        "_links": {"self": {"href": me}, "html": {"href": html}, "pull_request": {"href": at}},
    }


def comment(url: str, posted: Comment, *, head_sha: str) -> Json:
    """A comment as the list of a pull request gives it; outdated ones keep only old lines."""
    is_current = posted.commit_id == head_sha
    shown = {
        **legacy_comment(url, posted),
        **({"line": posted.line} if is_current and posted.line else {}),
        "start_line": posted.start_line if is_current else None,
        "original_line": posted.line or 1,
        "original_start_line": posted.start_line,
        "side": posted.side,
        "start_side": posted.start_side,
        "subject_type": "line" if posted.line else "file",
    }
    return shown | ({} if posted.in_reply_to is None else {"in_reply_to_id": posted.in_reply_to})


def check_run(url: str, run: CheckRun) -> Json:
    """A check run."""
    at = f"{url}/repos/{run.repo}/check-runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node(str(run.id)),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": at,
        "html_url": f"{url}/{run.repo}/runs/{run.id}",
        "details_url": None,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": NOW,
        "completed_at": NOW if run.conclusion else None,
        "name": run.name,
        "check_suite": {"id": number(run.head_sha)},
        "app": None,
        "pull_requests": [],
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": None,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{at}/annotations",
        },
    }


def status(url: str, posted: Status, login: str) -> Json:
    """A commit status."""
    return {
        "url": f"{url}/repos/{posted.repo}/statuses/{posted.sha}",
        "avatar_url": None,
        "id": posted.id,
        "node_id": node(str(posted.id)),
        "state": posted.state,
        "description": posted.description,
        "target_url": None,
        "context": posted.context,
        "created_at": NOW,
        "updated_at": NOW,
        "creator": user(url, login),
    }


def issue_comment(url: str, posted: IssueComment) -> Json:
    """A comment under a pull request."""
    me = f"{url}/repos/{posted.repo}/issues/comments/{posted.id}"
    return {
        "id": posted.id,
        "node_id": node(str(posted.id)),
        "url": me,
        "html_url": f"{url}/{posted.repo}/pull/{posted.number}#issuecomment-{posted.id}",
        "issue_url": f"{url}/repos/{posted.repo}/issues/{posted.number}",
        "body": posted.body,
        "user": user(url, posted.author),
        "created_at": NOW,
        "updated_at": NOW,
        "author_association": "NONE",
    }

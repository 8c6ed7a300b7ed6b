"""Decide the JSON of what the stand-in was seeded with, in GitHub's field names. No I/O."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from bot.demo.github_double_state import Change

Json = dict[str, object]

NOW = "2026-01-01T00:00:00Z"
MAX_CONTENT_BYTES = 1_000_000  # docs.github.com/rest/repos/contents
USER_LINKS = (
    "followers following gists starred subscriptions organizations repos events received_events"
)
REPO_LINKS = (
    "archive assignees blobs branches collaborators comments commits compare contents "
    "contributors deployments downloads events forks git_commits git_refs git_tags hooks "
    "issue_comment issue_events issues keys labels languages merges milestones notifications "
    "pulls releases stargazers statuses subscribers subscription tags teams trees git ssh "
    "clone svn"
)
COUNTS = (
    "forks forks_count open_issues open_issues_count watchers watchers_count stargazers_count "
    "size network_count subscribers_count"
)
FLAGS = "has_issues has_projects has_wiki has_pages has_discussions has_downloads archived disabled"


def user(url: str, login: str) -> Json:
    """Somebody's account; a login that ends in [bot] is an App's."""
    me = f"{url}/users/{login}"
    return {
        "login": login,
        "id": number(login),
        "node_id": node(login),
        "avatar_url": f"{url}/avatars/{login}",
        "gravatar_id": "",
        "url": me,
        "html_url": f"{url}/{login}",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
        **{f"{name}_url": f"{me}/{name}" for name in USER_LINKS.split()},
    }


def repository(url: str, name: str) -> Json:
    """A public repository without content of its own."""
    at = f"{url}/repos/{name}"
    return {
        "id": number(name),
        "node_id": node(name),
        "name": name.split("/")[-1],
        "full_name": name,
        "owner": user(url, name.split("/")[0]),
        "private": False,
        "html_url": f"{url}/{name}",
        "description": None,
        "fork": False,
        "url": at,
        **{f"{link}_url": f"{at}/{link}" for link in REPO_LINKS.split()},
        **dict.fromkeys(COUNTS.split(), 0),
        **dict.fromkeys(FLAGS.split(), False),
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        "created_at": NOW,
        "updated_at": NOW,
        "pushed_at": NOW,
    }


def pull(url: str, change: Change) -> Json:
    """A pull request."""
    at = f"{url}/repos/{change.repo}/pulls/{change.number}"
    issue = f"{url}/repos/{change.repo}/issues/{change.number}"
    links = {
        "html": f"{url}/{change.repo}/pull/{change.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{at}/comments",
        "review_comment": f"{url}/repos/{change.repo}/pulls/comments{{/number}}",
        "commits": f"{at}/commits",
        "statuses": f"{url}/repos/{change.repo}/statuses/{change.head_sha}",
    }
    return {
        "id": number(at),
        "node_id": node(at),
        "url": at,
        **{f"{name}_url": link for name, link in links.items()},
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "number": change.number,
        "state": "open" if change.is_open else "closed",
        "locked": False,
        "title": change.title,
        "user": user(url, change.author),
        "body": change.body or None,
        "labels": [],
        "milestone": None,
        "draft": change.is_draft,
        "created_at": NOW,
        "updated_at": NOW,
        "closed_at": None if change.is_open else NOW,
        "merged_at": None,
        "merge_commit_sha": None,
        "assignee": None,
        "head": _end(url, change.repo, change.head_ref, change.head_sha),
        "base": _end(url, change.repo, change.base_ref, change.base_sha),
        "_links": {"self": {"href": at}, **{k: {"href": v} for k, v in links.items()}},
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "merged": False,
        "mergeable": True,
        "mergeable_state": "clean",
        "merged_by": None,
        "maintainer_can_modify": False,
        **dict.fromkeys(("comments", "review_comments", "deletions"), 0),
        **dict.fromkeys(("commits", "additions", "changed_files"), 1),
    }


def content(url: str, repo: str, sha: str, path: str, data: bytes) -> Json:
    """A file of the contents API: base64 up to 1 MB, nothing but its size above."""
    at = f"{url}/repos/{repo}/contents/{path}?ref={sha}"
    is_small = len(data) <= MAX_CONTENT_BYTES
    return {
        **_entry(at, path, len(data), "file"),
        "encoding": "base64" if is_small else "none",
        "content": base64.encodebytes(data).decode("ascii") if is_small else "",
    }


def folder(url: str, repo: str, sha: str, names: Sequence[str]) -> list[Json]:
    """A folder of the contents API."""
    at = f"{url}/repos/{repo}/contents"
    return [_entry(f"{at}/{name}?ref={sha}", name, 0, "file") for name in names]


def number(text: str) -> int:
    """A stable id for something that has only a name."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)


def node(text: str) -> str:
    """A stable GraphQL id for something that has only a name."""
    return "N_" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _entry(at: str, path: str, size: int, kind: str) -> Json:
    return {
        "type": kind,
        "name": path.split("/")[-1],
        "path": path,
        "sha": hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:40],
        "size": size,
        "url": at,
        "html_url": at,
        "git_url": at,
        "download_url": at,
        "_links": {"self": at, "html": at, "git": at},
    }


def _end(url: str, repo: str, ref: str, sha: str) -> Json:
    return {
        "label": f"{repo.split('/')[0]}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(url, repo.split("/")[0]),
        "repo": repository(url, repo),
    }

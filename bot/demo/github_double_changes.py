"""Decide the JSON of a change's files and commits, of branches and installations. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.demo.github_double_rules import MAX_PATCH_LINES, name_in
from bot.demo.github_double_shapes import NOW, Json, node, number, user
from bot.demo.github_double_state import Change, Commit

HEADER = re.compile(r"diff --git (\"?a/.+?) (\"?b/.+)")


def changed_file(url: str, change: Change, section: str) -> Json:
    """A file of a change, from its section of the diff; without a patch where that is large."""
    head, _, hunks = section.partition("\n@@")
    rows = hunks.split("\n")[1:]
    added = sum(row.startswith("+") for row in rows)
    removed = sum(row.startswith("-") for row in rows)
    old, new, status = _names(head)
    at = f"{url}/{change.repo}"
    sha = f"{number(section):040x}"
    shown: Json = {
        "sha": sha,
        "filename": new,
        "status": status,
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "blob_url": f"{at}/blob/{change.head_sha}/{new}",
        "raw_url": f"{at}/raw/{change.head_sha}/{new}",
        "contents_url": f"{url}/repos/{change.repo}/contents/{new}?ref={change.head_sha}",
    }
    if hunks and len(rows) <= MAX_PATCH_LINES:
        shown["patch"] = "@@" + hunks.removesuffix("\n")
    if status == "renamed":
        shown["previous_filename"] = old
    return shown


def _names(head: str) -> tuple[str, str, str]:
    """Old name, new name and GitHub's word for what happened, from the lines above the hunks."""
    found = HEADER.match(head)
    old, new = (found[1], found[2]) if found else ("", "")
    old, new = name_in(old, "a/"), name_in(new, "b/")
    if "\nnew file mode" in head:
        return old, new, "added"
    if "\ndeleted file mode" in head:
        return old, old, "removed"
    return old, new, "renamed" if "\nrename from" in head else "modified"


def pull_commit(url: str, repo: str, commit: Commit) -> Json:
    """A commit as the list of a change gives it."""
    at = f"{url}/repos/{repo}/commits/{commit.sha}"
    somebody = {"name": commit.author, "email": f"{commit.author}@example.com", "date": commit.at}
    return {
        "sha": commit.sha,
        "node_id": node(commit.sha),
        "url": at,
        "html_url": f"{url}/{repo}/commit/{commit.sha}",
        "comments_url": f"{at}/comments",
        "commit": {
            "url": f"{url}/repos/{repo}/git/commits/{commit.sha}",
            "author": somebody,
            "committer": somebody,
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.sha, "url": f"{url}/repos/{repo}/git/trees/{commit.sha}"},
        },
        "author": user(url, commit.author),
        "committer": user(url, commit.author),
        "parents": [],
    }


def comparison(url: str, repo: str, base: str, head: str) -> Json:
    """Two commits compared, of which the first is where the second began."""
    at = f"{url}/{repo}/compare/{base}...{head}"
    start = pull_commit(url, repo, Commit(base, "octocat", "The base"))
    return {
        **{f"{name}url": at for name in ("", "html_", "permalink_", "diff_", "patch_")},
        "base_commit": start,
        "merge_base_commit": start,
        "status": "ahead",
        "ahead_by": 1,
        "behind_by": 0,
        "total_commits": 1,
        "commits": [],
    }


def ref(url: str, repo: str, branch: str, sha: str) -> Json:
    """A branch."""
    at = f"{url}/repos/{repo}/git"
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": node(f"{repo} {branch}"),
        "url": f"{at}/refs/heads/{branch}",
        "object": {"type": "commit", "sha": sha, "url": f"{at}/commits/{sha}"},
    }


def installation(url: str, identity: int, permissions: Mapping[str, str]) -> Json:
    """An installation of the App."""
    at = f"{url}/app/installations/{identity}"
    return {
        "id": identity,
        "account": user(url, "octo"),
        "app_id": 1,
        "app_slug": "gavel",
        "target_id": 1,
        "target_type": "Organization",
        "permissions": dict(permissions),
        "events": ["pull_request", "merge_group"],
        "repository_selection": "all",
        "single_file_name": None,
        "access_tokens_url": f"{at}/access_tokens",
        "repositories_url": f"{url}/installation/repositories",
        "html_url": f"{url}/settings/installations/{identity}",
        "created_at": NOW,
        "updated_at": NOW,
        "suspended_by": None,
        "suspended_at": None,
    }

"""Act on commits: those of a pull request, those of its base branch, and what one changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from pydantic import BaseModel

from worker.forges.base import MAX_LANDED
from worker.forges.github_answers import Pull, User
from worker.forges.github_api import GitHubApi
from worker.forges.github_errors import Refused
from worker.jobs import ChangeRef
from worker.types import Commit

MAX_COMMITS = 250  # docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request
DIFF = "application/vnd.github.v3.diff"  # docs.github.com/rest/commits/commits#get-a-commit
# Too large, or a commit that was pushed away meanwhile. The same page.
NONE_SERVED = frozenset({404, 406, 422})


class _Author(BaseModel):
    name: str = ""
    email: str = ""
    date: datetime | None = None


class _GitCommit(BaseModel):
    message: str
    author: _Author | None = None
    committer: _Author | None = None


class ListedCommit(BaseModel):
    """A commit as lists give it."""

    sha: str
    commit: _GitCommit
    author: User | None = None


class Commits:
    """Commits of a repository, and their diffs."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    def of_pull(self, change: ChangeRef) -> tuple[Commit, ...]:
        """The commits of a pull request, the oldest first."""
        path = f"/repos/{change.repo}/pulls/{change.number}/commits"
        return _read(islice(self._api.pages(path, ListedCommit), MAX_COMMITS))

    def landed(self, change: ChangeRef, *, since: datetime) -> tuple[Commit, ...]:
        """The newest commits of the base branch since then, the oldest first."""
        pull = self._api.get(f"/repos/{change.repo}/pulls/{change.number}", Pull)
        asked = {
            "sha": pull.base.ref,
            "since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        listed = self._api.pages(f"/repos/{change.repo}/commits", ListedCommit, **asked)
        return _read(islice(listed, MAX_LANDED))[::-1]

    def diff(self, change: ChangeRef, sha: str) -> str | None:
        """The diff of a commit, or None where GitHub serves none."""
        try:
            return self._api.text(f"/repos/{change.repo}/commits/{sha}", accept=DIFF)
        except Refused as error:
            if error.status not in NONE_SERVED:
                raise
            return None


def _read(listed: Iterable[ListedCommit]) -> tuple[Commit, ...]:
    return tuple(Commit(one.sha, _author(one), one.commit.message, _at(one)) for one in listed)


def _author(one: ListedCommit) -> str:
    written = one.commit.author
    parts = [written.name, f"<{written.email}>"] if written else []
    return " ".join([*parts, *([one.author.login] if one.author else [])])


def _at(one: ListedCommit) -> datetime | None:
    return one.commit.committer.date if one.commit.committer else None

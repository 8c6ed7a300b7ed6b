"""Act on commits: those of a merge request, those of its target branch, and what one changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from worker.forges.base import MAX_LANDED
from worker.forges.gitlab_answers import Change, CommitAnswer
from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.gitlab_diffs import merge_request
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_patch import Patch, assemble, is_withheld
from worker.jobs import ChangeRef
from worker.types import Commit

MAX_COMMITS = 1_000  # of one change; nobody reads more


class Commits:
    """Commits of a project, and their diffs."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def of_request(self, change: ChangeRef) -> tuple[Commit, ...]:
        """The commits of a merge request, the oldest first; GitLab lists the newest first."""
        listed = self._api.pages(f"{merge_request(change)}/commits", CommitAnswer)
        return _read(islice(listed, MAX_COMMITS))

    def landed(self, change: ChangeRef, branch: str, *, since: datetime) -> tuple[Commit, ...]:
        """The newest commits of a branch since then, the oldest first."""
        path = f"{project_path(change.repo)}/repository/commits"
        asked = {"ref_name": branch, "since": since.isoformat()}
        return _read(islice(self._api.pages(path, CommitAnswer, **asked), MAX_LANDED))

    def diff(self, change: ChangeRef, sha: str) -> str | None:
        """The diff of a commit, or None where GitLab leaves out some of it."""
        path = f"{project_path(change.repo)}/repository/commits/{sha}/diff"
        try:
            listed = list(self._api.pages(path, Change))
        except Refused as error:
            if error.status != 404:
                raise
            return None
        if any(map(is_withheld, listed)):
            return None
        return assemble(Patch(one, one.diff or "") for one in listed)


def _read(newest_first: Iterable[CommitAnswer]) -> tuple[Commit, ...]:
    return tuple(
        Commit(
            one.id,
            f"{one.author_name} <{one.author_email}>",
            one.message or one.title,
            one.committed_date or one.created_at,
        )
        for one in reversed(list(newest_first))
    )

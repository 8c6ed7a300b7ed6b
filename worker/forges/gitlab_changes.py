"""Act on the open merge requests of GitLab projects. GitLab repeats no delivery when asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel

from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.inbox import Known, OpenChange
from worker.jobs import ChangeRef

FORGE = "gitlab"


class ListedRequest(BaseModel):
    """A merge request as a list shows it; one without a source branch has no head."""

    iid: int
    sha: str | None = None
    draft: bool = False


class GitLabInbox:
    """Open merge requests of known projects."""

    forge = FORGE

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def ask_again(self, *, since: datetime) -> int:
        """Nothing: only a project's owner can have GitLab repeat a delivery, one by one."""
        return 0

    def open_changes(self, known: Sequence[Known], *, since: datetime) -> Iterator[OpenChange]:
        """Open merge requests, drafts left out."""
        for one in known:
            path = f"{project_path(one.repo)}/merge_requests"
            asked = {"state": "opened", "updated_after": since.isoformat()}
            for request in self._api.pages(path, ListedRequest, **asked):
                if request.sha and not request.draft:
                    yield OpenChange(ChangeRef(FORGE, one.repo, request.iid, request.sha), None)

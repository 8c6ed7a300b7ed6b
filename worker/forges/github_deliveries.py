"""Act on what GitHub told a webhook while nobody listened: failed deliveries and open changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel

from worker.forges.github_answers import Commit
from worker.forges.github_api import GitHubApi
from worker.forges.inbox import Known, OpenChange
from worker.jobs import ChangeRef

FORGE = "github"
DELIVERIES = "/app/hook/deliveries"  # docs.github.com/rest/apps/webhooks
MAX_PAGES = 100


class Attempt(BaseModel):
    """One attempt to deliver; the attempts of one delivery share its guid."""

    id: int
    guid: str
    delivered_at: datetime
    status_code: int


class ListedPull(BaseModel):
    """A pull request as a list shows it."""

    number: int
    draft: bool = False
    head: Commit
    updated_at: datetime


class GitHubInbox:
    """Deliveries of the App, where there is one, and open pull requests of known repositories.

    app  speaks as the App itself, None where a token is used: a token has no deliveries to show
    api  speaks as an installation, or as the token's owner where it is None
    """

    forge = FORGE

    def __init__(self, *, app: GitHubApi | None, api: Callable[[int | None], GitHubApi]) -> None:
        self._app = app
        self._api = api

    def ask_again(self, *, since: datetime) -> int:
        """Ask for every delivery that failed since then and was never taken."""
        if self._app is None:
            return 0
        attempts = list(self._attempts(self._app, since))
        taken = {one.guid for one in attempts if 200 <= one.status_code < 300}
        missed = {one.guid: one.id for one in attempts if one.guid not in taken}
        for attempt_id in missed.values():
            self._app.do("POST", f"{DELIVERIES}/{attempt_id}/attempts")
        return len(missed)

    def open_changes(self, known: Sequence[Known], *, since: datetime) -> Iterator[OpenChange]:
        """Open pull requests, drafts left out, the ones touched last first."""
        for one in known:
            pulls = self._api(one.installation_id).pages(
                f"/repos/{one.repo}/pulls",
                ListedPull,
                state="open",
                sort="updated",
                direction="desc",
            )
            for pull in pulls:
                if pull.updated_at < since:
                    break
                if not pull.draft:
                    change = ChangeRef(FORGE, one.repo, pull.number, pull.head.sha)
                    yield OpenChange(change, one.installation_id)

    def _attempts(self, app: GitHubApi, since: datetime) -> Iterator[Attempt]:
        """Attempts since then, the newest first."""
        cursor = ""
        for _ in range(MAX_PAGES):
            page, cursor = app.page_from(DELIVERIES, Attempt, cursor=cursor)
            for attempt in page:
                if attempt.delivered_at < since:
                    return
                yield attempt
            if not cursor:
                return

"""Act as the one place where a forge's inbox is built from settings. It does no I/O yet."""

from __future__ import annotations

from collections.abc import Callable

from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import app_auth, client
from worker.forges.github_deliveries import GitHubInbox
from worker.forges.gitlab_changes import GitLabInbox
from worker.forges.inbox import Inbox
from worker.forges.open import github_auth, gitlab_api
from worker.settings import WorkerSettings


def open_inboxes(settings: WorkerSettings) -> tuple[Inbox, ...]:
    """The inbox of every forge that there are credentials for."""
    return tuple(one for build in BUILD for one in build(settings))


def _github(settings: WorkerSettings) -> tuple[Inbox, ...]:
    key = settings.github_private_key
    if not (settings.github_token or (settings.github_app_id and key)):
        return ()
    app = None
    if settings.github_app_id and key:
        auth = app_auth(str(settings.github_app_id), key.get_secret_value())
        app = GitHubApi(client(auth, url=settings.github_url))

    def api(installation_id: int | None) -> GitHubApi:
        return GitHubApi(client(github_auth(settings, installation_id), url=settings.github_url))

    return (GitHubInbox(app=app, api=api),)


def _gitlab(settings: WorkerSettings) -> tuple[Inbox, ...]:
    return (GitLabInbox(gitlab_api(settings)),) if settings.gitlab_token else ()


BUILD: tuple[Callable[[WorkerSettings], tuple[Inbox, ...]], ...] = (_github, _gitlab)

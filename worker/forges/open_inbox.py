"""Act as the one place where a forge's inbox is built from settings. It does no I/O yet."""

from __future__ import annotations

from collections.abc import Callable

from worker.forges.github_api import GitHubApi, pace_of
from worker.forges.github_auth import app_auth, client
from worker.forges.github_deliveries import GitHubInbox
from worker.forges.gitlab_changes import GitLabInbox
from worker.forges.inbox import Inbox
from worker.forges.open import MemoryOf, account_of, files_of, github_auth, gitlab_api
from worker.settings import WorkerSettings


def open_inboxes(
    settings: WorkerSettings, *, memory_of: MemoryOf | None = None
) -> tuple[Inbox, ...]:
    """The inbox of every forge that there are credentials for. `memory_of`: see `open_forge`."""
    memory_of = memory_of or files_of(settings)
    return tuple(one for build in BUILD for one in build(settings, memory_of))


def _github(settings: WorkerSettings, memory_of: MemoryOf) -> tuple[Inbox, ...]:
    key = settings.github_private_key
    if not (settings.github_token or (settings.github_app_id and key)):
        return ()
    app = None
    if settings.github_app_id and key:
        auth = app_auth(str(settings.github_app_id), key.get_secret_value())
        memory = memory_of(account_of(settings, None))
        app = GitHubApi(client(auth, url=settings.github_url), pace=pace_of(memory, gap_s=0))

    def api(installation_id: int | None) -> GitHubApi:
        auth = github_auth(settings, installation_id)
        memory = memory_of(account_of(settings, installation_id))
        return GitHubApi(client(auth, url=settings.github_url), pace=pace_of(memory, gap_s=0))

    return (GitHubInbox(app=app, api=api),)


def _gitlab(settings: WorkerSettings, memory_of: MemoryOf) -> tuple[Inbox, ...]:
    if not settings.gitlab_token:
        return ()
    return (GitLabInbox(gitlab_api(settings, memory_of=memory_of)),)


BUILD: tuple[Callable[[WorkerSettings, MemoryOf], tuple[Inbox, ...]], ...] = (_github, _gitlab)

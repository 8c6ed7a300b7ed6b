"""Act as the one place where a forge is built from settings. It does no I/O yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from typing import cast

from github import Auth

from judge import plugins
from worker.forges import gitlab_client
from worker.forges.base import Forbidden, Forge
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi, pace_of
from worker.forges.github_auth import client, installation_auth, token_auth
from worker.forges.gitlab import GitLabForge
from worker.forges.gitlab_api import GitLabApi, answered
from worker.forges.gitlab_api import pace_of as gitlab_pace
from worker.forges.pace import FileMemory, Memory
from worker.settings import WorkerSettings

MOST_KEPT = 64  # repositories whose tokens and answers a process keeps
MemoryOf = Callable[[str], Memory]
HICCUPS_S = (0.5, 2.0)  # a review makes a dozen reads: one lost packet is not worth a new start


def open_forge(
    name: str,
    settings: WorkerSettings,
    *,
    installation_id: int | None,
    repo: str = "",
    memory_of: MemoryOf | None = None,
) -> Forge:
    """The forge called `name`; raises Forbidden where the settings cannot reach it.

    installation_id  GitHub App installation that a delivery names, or None: then the token is used
    repo             full name of the only repository that it is opened for; "": any
    memory_of        where all that act as one account keep what it wrote and was told, by the
                     account's name; None: in files of the home
    """
    memory_of = memory_of or files_of(settings)
    if name == "gitlab":
        return GitLabForge(gitlab_api(settings, memory_of=memory_of))
    if name != "github":
        return _brought(name, settings, installation_id)
    return _github(settings, installation_id, repo, memory_of)


@lru_cache(maxsize=MOST_KEPT)
def _github(
    settings: WorkerSettings, installation_id: int | None, repo: str, memory_of: MemoryOf
) -> Forge:
    """Kept for as long as the process lives: its token, and what it read with an ETag."""
    auth = github_auth(settings, installation_id, repo=repo)
    api = client(auth, url=settings.github_url, seconds_between_writes=0)
    memory = memory_of(account_of(settings, installation_id))
    pace = pace_of(memory, gap_s=settings.github_write_gap_s)
    return GitHubForge(GitHubApi(api, pace=pace, hiccups=HICCUPS_S))


def account_of(settings: WorkerSettings, installation_id: int | None) -> str:
    """A name for who we are at GitHub: its limits hold for an installation, or for a token."""
    token = settings.github_token.get_secret_value() if settings.github_token else ""
    account = f"{settings.github_url} {settings.github_app_id} {installation_id} {token}"
    return f"github-{hashlib.sha256(account.encode()).hexdigest()[:16]}"


@cache
def files_of(settings: WorkerSettings) -> MemoryOf:
    """Memories in the home, which the processes of one machine share."""
    return lambda account: FileMemory(settings.home / "pace" / f"{account}.json")


def gitlab_api(settings: WorkerSettings, *, memory_of: MemoryOf | None = None) -> GitLabApi:
    """GitLab's API as the owner of the configured token; raises Forbidden where there is none."""
    token = settings.gitlab_token.get_secret_value() if settings.gitlab_token else ""
    if not token:
        raise Forbidden("no credentials for GitLab: set GAVEL_GITLAB_TOKEN")
    url, ca_file = settings.gitlab_url, settings.gitlab_ca_file
    built = gitlab_client.client(token, url=url, ca_file=ca_file, answered=answered)
    memory = (memory_of or files_of(settings))("gitlab")
    return GitLabApi(built, pace=gitlab_pace(memory, gap_s=settings.gitlab_write_gap_s))


def _brought(name: str, settings: WorkerSettings, installation_id: int | None) -> Forge:
    """The forge that a plug-in brings."""
    found = plugins.load(plugins.FORGES, name)
    if found is None:
        expected = ", ".join(["github", "gitlab", *plugins.names(plugins.FORGES)])
        raise Forbidden(f"unknown forge {name!r}: expected {expected}")
    return cast(Callable[[WorkerSettings, int | None], Forge], found)(settings, installation_id)


def github_auth(
    settings: WorkerSettings, installation_id: int | None, *, repo: str = ""
) -> Auth.Auth:
    """As whom to speak to GitHub; raises Forbidden where no credentials fit."""
    key = settings.github_private_key
    if settings.github_app_id and key and installation_id is not None:
        return installation_auth(
            str(settings.github_app_id), key.get_secret_value(), installation_id, repo=repo
        )
    if settings.github_token and settings.github_token.get_secret_value():
        return token_auth(settings.github_token.get_secret_value())
    if settings.github_app_id and key:
        raise Forbidden(
            "the delivery names no installation of the GitHub App: send deliveries from the "
            "App's own webhook, or set GAVEL_GITHUB_TOKEN"
        )
    raise Forbidden(
        "no credentials for GitHub: set GAVEL_GITHUB_TOKEN, or both GAVEL_GITHUB_APP_ID and "
        "GAVEL_GITHUB_PRIVATE_KEY"
    )

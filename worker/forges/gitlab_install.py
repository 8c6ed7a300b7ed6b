"""Act on a project of GitLab: set up the webhook that tells Gavel of its merge requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from worker.forges.gitlab_api import GitLabApi, project_path

# What `bot.hooks.gitlab` reads; docs.gitlab.com/api/project_webhooks names the fields.
EVENTS: Final = (
    "merge_requests_events",
    "note_events",
    "emoji_events",
    "pipeline_events",
)
NOT_WANTED: Final = ("push_events",)  # on by default


class Hook(BaseModel):
    """A webhook, as GitLab lists it; its secret is never told."""

    id: int
    url: str


@dataclass(frozen=True, slots=True)
class Installed:
    """What stands now. `is_new` tells a made webhook from one that was brought up to date."""

    hook_id: int
    is_new: bool


def install(api: GitLabApi, repo: str, *, url: str, secret: str) -> Installed:
    """Make the webhook of a project, or bring the one with this URL up to date.

    repo    full path of the project, such as "octo/hello"
    url     where the receiver takes deliveries
    secret  comes back with every delivery, in X-Gitlab-Token

    Raises Forbidden where the token's owner is no maintainer, and Unavailable.
    """
    path = f"{project_path(repo)}/hooks"
    body = {
        "url": url,
        "token": secret,
        "enable_ssl_verification": True,
        **dict.fromkeys(EVENTS, True),
        **dict.fromkeys(NOT_WANTED, False),
    }
    standing = next((hook for hook in api.pages(path, Hook) if hook.url == url), None)
    if standing is None:
        return Installed(api.send("POST", path, Hook, body).id, is_new=True)
    return Installed(api.send("PUT", f"{path}/{standing.id}", Hook, body).id, is_new=False)

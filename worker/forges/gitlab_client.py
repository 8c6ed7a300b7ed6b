"""Act as the owner of a GitLab token. Building a client is not I/O."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import requests
from gitlab import Gitlab

TIMEOUT_S = 20
USER_AGENT = "gavel-bot"
API = "/api/v4"

Answered = Callable[..., None]


def client(token: str, *, url: str, ca_file: Path | None, answered: Answered) -> Gitlab:
    """A python-gitlab client of the GitLab at `url` that retries nothing and follows nothing.

    token     personal, group or project access token, or an OAuth token: all come as a bearer's
    url       with or without `/api/v4` at its end; may have a path, as a GitLab below one does
    ca_file   certificates to trust instead of those that come with the client
    answered  is called with every response, before a redirect is followed, and may raise
    """
    session = requests.Session()
    session.hooks["response"].append(answered)
    return Gitlab(
        url.rstrip("/").removesuffix(API),
        oauth_token=token,
        ssl_verify=str(ca_file.expanduser()) if ca_file else True,
        timeout=TIMEOUT_S,
        keep_base_url=True,
        retry_transient_errors=False,
        user_agent=USER_AGENT,
        session=session,
    )

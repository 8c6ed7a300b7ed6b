"""Decide the manifest from which GitHub makes an App for this installation. No I/O.

docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from bot.hooks.github import HANDLERS

MAX_NAME = 34  # characters of an App's name, the same page
OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
CODE = re.compile(r"[A-Za-z0-9_-]{1,200}")
# What the tokens are asked for, and what events of the merge queue need besides.
PERMISSIONS: Final[Mapping[str, str]] = {
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}
# Every App gets these, whether it asks for them or not.
UNASKED = frozenset({"installation", "installation_repositories", "ping"})


def manifest(address: str, *, name: str, redirect: str, callback: str) -> dict[str, object]:
    """The manifest of an App.

    address   where this dashboard and its receiver are reached, such as https://gavel.example.org
    redirect  where GitHub sends whoever made the App, with a code
    callback  where GitHub sends whoever signs in through it
    """
    return {
        "name": name,
        "url": address,
        "hook_attributes": {"url": f"{address}/webhooks/github", "active": True},
        "redirect_url": redirect,
        "callback_urls": [callback],
        "description": "Says how likely new code is to be correct.",
        "public": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": sorted(HANDLERS.keys() - UNASKED),
    }


def app_name(asked: str, address: str) -> str:
    """The name that was asked for, or one after this host: names are unique on all of GitHub."""
    name = " ".join(asked.split()) or f"Gavel {urlsplit(address).hostname or ''}"
    return "".join(character for character in name if character.isprintable())[:MAX_NAME].strip()


def page_of(web_url: str, *, owner: str, state: str) -> str:
    """GitHub's page that takes the manifest, for a person's or an organization's App."""
    of = f"/organizations/{owner}" if OWNER.fullmatch(owner) else ""
    return f"{web_url}{of}/settings/apps/new?state={quote(state, safe='')}"

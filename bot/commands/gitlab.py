"""The commands `gavel gitlab …`: set a project of GitLab up. They act."""

from __future__ import annotations

import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

INSTALL_HELP = (
    "Set up the webhook of a project of GitLab.\n\n"
    "Needs GAVEL_GITLAB_TOKEN of a maintainer and GAVEL_GITLAB_WEBHOOK_SECRET, which the receiver "
    "reads as well. A webhook with the same URL is brought up to date, so the command may be "
    "repeated."
)
INSTALL_EXAMPLE = "Example: gavel gitlab install octo/hello --url https://gavel.example.org"
PATH = "/webhooks/gitlab"


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Set a project of GitLab up.", no_args_is_help=True)
    group.callback()(_group)
    group.command("install", help=INSTALL_HELP, epilog=INSTALL_EXAMPLE)(install)
    app.add_typer(group, name="gitlab")


def _group() -> None:
    """Set a project of GitLab up."""


def install(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Full path: GROUP/PROJECT.")],
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where GitLab reaches the receiver, over https.")
    ],
) -> None:
    """Make the webhook, or bring it up to date, and say so."""
    from bot.commands.wiring import worker_settings
    from worker.forges.gitlab_install import install as set_up
    from worker.forges.open import gitlab_api

    target, secret = deliver_to(url), webhook_secret()
    done = set_up(gitlab_api(worker_settings()), project, url=target, secret=secret)
    said = "made" if done.is_new else "brought up to date"
    sys.stdout.write(f"webhook {done.hook_id} of {project} {said}: it delivers to {target}\n")


def deliver_to(url: str) -> str:
    """The address of deliveries below the receiver's URL. Raises WrongUse.

    >>> deliver_to("https://gavel.example.org/")
    'https://gavel.example.org/webhooks/gitlab'
    """
    from bot.problems import WrongUse

    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise WrongUse(
            f"--url {url!r} is no address: expected one such as https://gavel.example.org"
        )
    return url.rstrip("/").removesuffix(PATH) + PATH


def webhook_secret() -> str:
    """The secret that the receiver knows. Raises WrongUse and SettingsError."""
    from bot import settings
    from bot.hooks.gitlab import SIGNING_TOKEN
    from bot.problems import WrongUse

    secret = settings.load().secrets().get("gitlab", "")
    if not secret:
        raise WrongUse(
            "GAVEL_GITLAB_WEBHOOK_SECRET is not set: make a secret with "
            f"`{settings.MAKE_A_SECRET}` and give it to the receiver as well"
        )
    if secret.startswith(SIGNING_TOKEN):
        raise WrongUse(
            "GAVEL_GITLAB_WEBHOOK_SECRET is a signing token, which only GitLab makes: set it on "
            "the webhook's page, or use a secret token of your own"
        )
    return secret

"""All in one: `gavel up`, `gavel demo`, `gavel doctor`. They act."""

from __future__ import annotations

import os
import secrets
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.wiring import LOOPBACK, Host, Port
from bot.problems import Code

WEBHOOK_SECRETS = tuple(
    f"GAVEL_{forge}_WEBHOOK_SECRET{kind}"
    for forge in ("GITHUB", "GITLAB")
    for kind in ("", "_FILE")
)
UP_HELP = (
    "Run everything on this machine: receiver, workers, sweep and an embedded Redis.\n\n"
    "Needs GAVEL_GITHUB_WEBHOOK_SECRET and a token or an App, or GAVEL_GITLAB_WEBHOOK_SECRET and "
    "GAVEL_GITLAB_TOKEN; the secrets of a GitHub App that was made on the dashboard are read from "
    "the home. Restarts what dies, and stops all that it started on Ctrl-C or SIGTERM. Logs are in "
    "GAVEL_HOME/logs."
)
DEMO_HELP = (
    "Show a pull request being judged by the real model through the real stack.\n\n"
    "Starts everything that `gavel up` starts, on a database of its own, with a stand-in of GitHub "
    "on this machine; sends it a signed delivery; shows the review; stops everything. Needs the "
    "default model and no network."
)
DOCTOR_HELP = (
    "Check this installation and say what to do about each failure.\n\n"
    "Exit code 2 when something is wrong, else 0. Makes no request to any forge."
)


class Format(StrEnum):
    """How `gavel doctor` answers."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("up", help=UP_HELP, epilog="Example: gavel up --port 8000")(up)
    app.command("demo", help=DEMO_HELP, epilog="Example: gavel demo")(demo)
    app.command("doctor", help=DOCTOR_HELP, epilog="Example: gavel doctor --format json")(doctor)


def up(
    port: Port = 8000,
    host: Host = LOOPBACK,
    setup: Annotated[
        bool,
        typer.Option(
            "--setup", help="Start without any secret, to make a GitHub App on the dashboard."
        ),
    ] = False,
) -> None:
    """Run everything until a signal ends it."""
    from bot import app_secrets, settings
    from bot.commands.wiring import worker_settings
    from bot.up import place_of, serve

    os.environ.update(app_secrets.variables(worker_settings().home, os.environ))
    if setup and not any(os.environ.get(name) for name in WEBHOOK_SECRETS):
        os.environ[WEBHOOK_SECRETS[0]] = secrets.token_hex(32)
        _say("setup      nobody knows the webhook's secret: every delivery is refused")
        _say("setup      make a GitHub App at /setup/github, then start without --setup")
    settings.load()  # refuses, naming the variable, where no webhook secret is configured
    serve(place_of(worker_settings(), host=host, port=port), os.environ, _say)


def demo(
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Draw the review as SVG, too."),
    ] = None,
) -> None:
    """Show the whole of Gavel at work."""
    from bot.commands.wiring import worker_settings
    from bot.demo.run import run

    raise typer.Exit(run(worker_settings(), os.environ, picture=picture))


def doctor(
    format: Annotated[Format, typer.Option(help="text for people, json for programs.")] = (
        Format.TEXT
    ),
) -> None:
    """Check the installation."""
    from bot import app_secrets
    from bot.commands.wiring import worker_settings
    from bot.doctor import examine
    from bot.doctor_checks import as_json, as_text, is_well

    os.environ.update(app_secrets.variables(worker_settings().home, os.environ))
    checks = examine(os.environ)
    if format is Format.JSON:
        sys.stdout.write(as_json(checks) + "\n")
    else:
        from rich.console import Console

        Console(highlight=False).print(as_text(checks), soft_wrap=True)
    raise typer.Exit(Code.FINE if is_well(checks) else Code.WRONG_USE)


def _say(line: str) -> None:
    sys.stdout.write(f"gavel: {line}\n")
    sys.stdout.flush()

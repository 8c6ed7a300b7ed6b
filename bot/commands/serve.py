"""One process each: `gavel serve`, `gavel worker`, `gavel sweep`, `gavel reconcile`. They act.

`gavel up` runs them all; these are for whoever has a supervisor of their own.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.wiring import LOOPBACK, Host, Port

SERVE_HELP = (
    "Run the receiver of webhooks.\n\n"
    "Brings the database to the tables of this version first. Answers POST /webhooks/github "
    "and /webhooks/gitlab, GET /healthz and GET /readyz. Needs GAVEL_GITHUB_WEBHOOK_SECRET or "
    "GAVEL_GITLAB_WEBHOOK_SECRET."
)
WORKER_HELP = (
    "Run a worker until a signal ends it; running tasks end first.\n\n"
    "io speaks to the forge and holds its tokens, gpu runs the model and holds none, beat sends "
    "the sweep on time. All need GAVEL_DATABASE_URL and GAVEL_BROKER_URL where `gavel up` does "
    "not run."
)
SWEEP_HELP = (
    "Send every review again that nobody touched in time, once; and what people asked for in "
    "words, and groups of merge queues.\n\n"
    "For cron or a systemd timer; `gavel up` and `gavel worker beat` do it themselves."
)
RECONCILE_HELP = (
    "Ask the forges what was missed while no receiver listened, and queue it, once.\n\n"
    "Has GitHub repeat the App's deliveries that failed, and looks for open changes whose head has "
    "no review, in every repository that sent deliveries before. Needs what the io worker needs. "
    "`gavel up` and `gavel worker beat` do it themselves, every hour."
)


class Role(StrEnum):
    """What a worker process does."""

    IO = "io"
    GPU = "gpu"
    BEAT = "beat"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("serve", help=SERVE_HELP, epilog="Example: gavel serve --port 8000")(serve)
    app.command("worker", help=WORKER_HELP, epilog="Example: gavel worker gpu")(worker)
    app.command("sweep", help=SWEEP_HELP, epilog="Example: gavel sweep")(sweep)
    app.command("reconcile", help=RECONCILE_HELP, epilog="Example: gavel reconcile --days 1")(
        reconcile
    )


def serve(
    port: Port = 8000,
    host: Host = LOOPBACK,
) -> None:
    """Become gunicorn with the receiver."""
    from bot import settings
    from worker.store import migrate

    found = settings.load()
    found.home.expanduser().mkdir(parents=True, exist_ok=True)
    if not migrate.upgrade_unless_newer(found.database_url):
        sys.stderr.write(
            "gavel: the database is a newer Gavel's; its tables are used as they are\n"
        )
    become(serve_arguments(host, port))


def serve_arguments(host: str, port: int) -> list[str]:
    """Arguments of a Python that is the receiver on this address.

    >>> serve_arguments("::1", 8000)[-2:]
    ['--bind=[::1]:8000', 'bot.app:from_environment()']
    """
    address = f"[{host}]" if ":" in host else host
    return [
        "-P",  # nothing is imported from the folder that it is started in
        "-m",
        "gunicorn",
        "--config=python:bot.server",
        f"--bind={address}:{port}",
        "bot.app:from_environment()",
    ]


def become(arguments: list[str]) -> None:
    """Replace this process by a Python with `arguments`: signals then reach it directly."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - no shell, our arguments


def worker(
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="io, gpu or beat.")],
) -> None:
    """Be a worker of one queue, or the clock of the sweep."""
    from bot.commands.wiring import worker_settings
    from worker import metrics_home

    settings = worker_settings()
    metrics_home.make(settings.metrics_port)  # before anything that counts is imported
    from worker import tasks

    tasks.run(role.value, settings)


def sweep() -> None:
    """Sweep once and say how many reviews were sent again."""
    from bot.commands.wiring import open_desk, worker_settings
    from worker import asking, groups, stages

    with open_desk(worker_settings()) as desk:
        sent = stages.sweep(desk)
        asking.sweep(desk)
        groups.sweep(desk)
    sys.stdout.write(f"{sent} {'review' if sent == 1 else 'reviews'} sent again\n")


def reconcile(
    days: Annotated[
        float, typer.Option(min=0.01, max=30, help="How far back to look; GitHub keeps 3 days.")
    ] = 3.0,
) -> None:
    """Ask once and say what was missed."""
    from bot.commands.wiring import open_desk, worker_settings
    from bot.problems import CouldNotJudge, WrongUse
    from worker import missed
    from worker.forges.open_inbox import open_inboxes

    settings = worker_settings()
    inboxes = open_inboxes(settings)
    if not inboxes:
        raise WrongUse(
            "no credentials for any forge: set GAVEL_GITHUB_TOKEN or GAVEL_GITLAB_TOKEN, or "
            "GAVEL_GITHUB_APP_ID and GAVEL_GITHUB_PRIVATE_KEY"
        )
    with open_desk(settings) as desk:
        found = missed.reconcile(desk, inboxes, days=days)
    sys.stdout.write(f"{found.asked_again} failed deliveries asked for again\n")
    sys.stdout.write("".join(f"queued {key}\n" for key in found.queued))
    sys.stdout.write(f"{len(found.queued)} open changes queued\n")
    if found.problems:
        raise CouldNotJudge(f"not everything could be asked: {found.problems[0]}")

"""One process each: `gavel serve`, `gavel worker`, `gavel sweep`. They act.

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
    "Brings the database to the tables of this version first. Answers POST /webhooks/github, "
    "GET /healthz and GET /readyz. Needs GAVEL_GITHUB_WEBHOOK_SECRET."
)
WORKER_HELP = (
    "Run a worker until a signal ends it; running tasks end first.\n\n"
    "io speaks to the forge and holds its tokens, gpu runs the model and holds none, beat sends "
    "the sweep on time. All need GAVEL_DATABASE_URL and GAVEL_BROKER_URL where `gavel up` does "
    "not run."
)
SWEEP_HELP = (
    "Send every review again that nobody touched in time, once.\n\n"
    "For cron or a systemd timer; `gavel up` and `gavel worker beat` do it themselves."
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


def serve(
    port: Port = 8000,
    host: Host = LOOPBACK,
) -> None:
    """Become gunicorn with the receiver."""
    from bot import settings
    from worker.store import migrate

    found = settings.load()
    found.home.expanduser().mkdir(parents=True, exist_ok=True)
    migrate.upgrade(found.database_url)
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
    from worker import tasks

    tasks.run(role.value, worker_settings())


def sweep() -> None:
    """Sweep once and say how many reviews were sent again."""
    from bot.commands.wiring import open_desk, worker_settings
    from worker import stages

    with open_desk(worker_settings()) as desk:
        sent = stages.sweep(desk)
    sys.stdout.write(f"{sent} {'review' if sent == 1 else 'reviews'} sent again\n")

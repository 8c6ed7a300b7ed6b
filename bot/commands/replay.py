"""The command `gavel replay`: run a saved delivery again. Acts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.jobs import ReviewJob

REPLAY_HELP = (
    "Run a saved delivery again.\n\n"
    "FILE holds an object with `headers` and `body`, or the raw body alone, which needs --event "
    "and --delivery. It is read, recorded and queued as the receiver does it, without the "
    "signature, which only proves who sent it. A delivery that is recorded already changes "
    "nothing; give another --delivery to ask for the review anew."
)
REPLAY_EXAMPLE = (
    "Examples: gavel replay delivery.json --dry-run  ·  "
    "gavel replay body.json --event pull_request --delivery again-1"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("replay", help=REPLAY_HELP, epilog=REPLAY_EXAMPLE)(replay)


def replay(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The saved delivery, - for stdin.")],
    event: Annotated[str, typer.Option(metavar="NAME", help="Event, as in its header.")] = "",
    delivery: Annotated[str, typer.Option(metavar="ID", help="Id of the delivery.")] = "",
    forge: Annotated[str, typer.Option(metavar="NAME", help="Forge that sent it.")] = "github",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what it asks for and change nothing.")
    ] = False,
) -> None:
    """Read, record and queue the delivery in `file`, and say what happened."""
    from bot.hooks.types import Malformed
    from bot.problems import WrongUse
    from bot.replay import saved
    from bot.webhook import HOOKS
    from worker.jobs import Ignored, ReviewJob

    if forge not in HOOKS:
        raise WrongUse(f"unknown forge {forge!r}: expected {', '.join(sorted(HOOKS))}")
    found = saved(_content(file), event=event, delivery=delivery, forge=forge)
    try:
        asked = HOOKS[forge].parse(found.headers, found.body)
    except Malformed as refusal:
        raise WrongUse(f"the delivery in {file} cannot be read: {refusal}") from refusal
    if isinstance(asked, Ignored):
        said = f"ignored: {asked.reason}"
    elif dry_run:
        said = json.dumps(asdict(asked), indent=2)
    elif isinstance(asked, ReviewJob):
        said = record_and_send(asked)
    else:
        raise WrongUse(f"{asked.event} asks for no review: only --dry-run can show it")
    sys.stdout.write(f"{said}\n")


def record_and_send(job: ReviewJob) -> str:
    """Record `job`, queue its review, and one sentence that says so. Raises StoreError."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.commands.wiring import open_desk, worker_settings
    from bot.problems import CouldNotJudge
    from worker.queue import BrokerDown
    from worker.store import deliveries

    with open_desk(worker_settings()) as desk:
        try:
            recorded = deliveries.record(desk.engine, job, now=desk.clock())
        except SQLAlchemyError as failure:
            raise CouldNotJudge(
                "the delivery could not be recorded: start `gavel up` or `gavel serve` once, which "
                "make the tables, and check GAVEL_DATABASE_URL"
            ) from failure
        known = "" if recorded.is_new else ", was recorded before"
        try:
            desk.send("prepare", recorded.review_id)
        except BrokerDown:
            return f"{job.change.key} is recorded{known} and will be queued when the broker is back"
    return f"{job.change.key} is recorded{known} and queued as review {recorded.review_id}"


def _content(file: str) -> bytes:
    from bot.problems import WrongUse

    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise WrongUse(f"cannot read {file}: {error.strerror}") from error

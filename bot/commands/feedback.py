"""The command `gavel feedback export`: what people taught, as rows to train on. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Write what people and later history said of judged code as data rows.\n\n"
    "One row for each piece of code on which labels agree, with the weight by which they do. OUT "
    "ends in .jsonl or .jsonl.gz; `gavel train` takes it beside other rows. The rows hold code of "
    "your repositories: they stay where you put them."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="What people said of comments, as data.")
    group.command("export", help=HELP, epilog="Example: gavel feedback export feedback.jsonl.gz")(
        export
    )
    group.callback()(feedback)
    app.add_typer(group, name="feedback")


def feedback() -> None:
    """What people said of comments, as data."""


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    least_weight: Annotated[
        float, typer.Option(min=0.0, metavar="X", help="Leave out what labels agree on by less.")
    ] = 0.5,
) -> None:
    """Read the database and write the rows."""
    import gzip
    import json

    from bot.commands.wiring import worker_settings
    from worker.store import migrate, training
    from worker.store.engine import open_engine

    settings = worker_settings()
    migrate.upgrade(settings.database_url)
    engine = open_engine(settings.database_url)
    lines = [json.dumps(row) + "\n" for row in training.rows(engine, least_weight=least_weight)]
    engine.dispose()
    data = "".join(lines).encode()
    partial = out.with_name(out.name + ".writing")
    partial.write_bytes(gzip.compress(data, mtime=0) if out.suffix == ".gz" else data)
    partial.replace(out)
    sys.stdout.write(f"{len(lines)} {'row' if len(lines) == 1 else 'rows'} written to {out}\n")

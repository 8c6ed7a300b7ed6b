"""The commands `gavel installation …`: what is kept about an owner or a repository. They act."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

HELP = "Export, erase or expire what is kept about an owner or a repository."
EXPORT_HELP = (
    "Write all that is kept about an owner or a repository to FILE, as JSON lines.\n\n"
    "Each row names its `table`. Bytes are written as UTF-8 text."
)
ERASE_HELP = (
    "Delete all that is kept about an owner or a repository. Cannot be undone: export it first.\n\n"
    "Comments and checks on the forge stay there; a new delivery begins a new history."
)
EXPIRE_HELP = (
    "Delete ended reviews that nothing has touched for some days, with their code and diffs, and "
    "what people wrote to the reviewer.\n\n"
    "For cron; with GAVEL_KEEP_DAYS the workers do it themselves. What people thought of comments "
    "stays: it holds no code."
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="owner, or owner/repository.")]
Forge = Annotated[str, typer.Option(metavar="FORGE", help="github or gitlab.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(no_args_is_help=True, help=HELP)
    group.command(
        "export", help=EXPORT_HELP, epilog="Example: gavel installation export octo octo.jsonl.gz"
    )(export)
    group.command(
        "erase", help=ERASE_HELP, epilog="Example: gavel installation erase octo/hello --yes"
    )(erase)
    group.command(
        "expire", help=EXPIRE_HELP, epilog="Example: gavel installation expire --days 90"
    )(expire)
    app.add_typer(group, name="installation")


def export(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A .gz is compressed; - for stdout.")],
    forge: Forge = "github",
) -> None:
    """Write every row."""
    from bot.commands.wiring import open_store
    from bot.rows import writer
    from worker.store import tenants

    with open_store() as engine, writer(file) as write:
        count = 0
        for table, row in tenants.everything(engine, forge=forge, name=_checked(name)):
            write({"table": table, **{key: _plain(value) for key, value in row.items()}})
            count += 1
    sys.stderr.write(f"{count} rows\n")


def erase(
    name: Name,
    forge: Forge = "github",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked again.")] = False,
) -> None:
    """Delete every row."""
    from bot.commands.wiring import open_store
    from bot.problems import WrongUse
    from worker.store import tenants

    if not yes:
        raise WrongUse(f"this deletes all that is kept about {name} on {forge}: say --yes to do it")
    with open_store() as engine:
        gone = tenants.erase(engine, forge=forge, name=_checked(name))
    for table, count in sorted(gone.items()):
        sys.stdout.write(f"{table}: {count}\n")
    sys.stdout.write(f"{sum(gone.values())} rows deleted\n")


def expire(
    days: Annotated[float, typer.Option(min=1, help="Untouched for so long.")] = 90.0,
) -> None:
    """Delete old reviews."""
    from bot.commands.wiring import open_store
    from worker.store import tenants

    before = datetime.now(UTC) - timedelta(days=days)
    with open_store() as engine:
        gone = tenants.expire(engine, before=before)
    sys.stdout.write("".join(f"{count} {table} deleted\n" for table, count in gone.items()))


def _checked(name: str) -> str:
    from bot.problems import WrongUse

    if not name.strip("/"):
        raise WrongUse("expected an owner or owner/repository, such as octo or octo/hello")
    return name.strip("/")


def _plain(value: object) -> object:
    """As JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return list(value) if isinstance(value, tuple) else value

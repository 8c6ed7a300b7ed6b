"""The command `gavel train`: fit and calibrate a judge's head on labelled rows. It acts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Fit and calibrate a judge's head on labelled rows.\n\n"
    "ROWS are files that `gavel data rows` wrote. What the model computes for them is cached, so "
    "that a run that was cut off goes on where it was and another fit takes seconds. OUT becomes "
    "a folder with head.safetensors and judge.json."
)
EXAMPLE = (
    "Example: gavel train rows/train.jsonl.gz --out judge/adapters/qwen2.5-coder-0.5b-instruct"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train", help=HELP, epilog=EXAMPLE)(train)


def train(
    rows: Annotated[list[Path], typer.Argument(metavar="ROWS...", help="Files of data rows.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the adapter to.")],
    model: Annotated[
        str, typer.Option(metavar="NAME", help="A model that `gavel models` lists.")
    ] = "",
    cache: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Default: GAVEL_HOME/readings.")
    ] = None,
    per_task: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="At most N right and N wrong rows of a task."),
    ] = 5,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most N rows of each file.")
    ] = None,
) -> None:
    """Read the rows with the model, fit, calibrate, save, and say what came of it."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.commands.wiring import worker_settings
    from bot.problems import WrongUse
    from judge import adapter as adapters
    from judge.registry import DEFAULT_MODEL
    from judge.train import fitting
    from judge.train.data import read_data
    from judge.train.forbidden import ForbiddenRow
    from judge.train.head import Recipe
    from judge.train.tasks import BadRow

    settings = worker_settings()
    try:
        files = [fitting.sample(list(read_data(path)), per_task)[:limit] for path in rows]
    except (OSError, BadRow, ForbiddenRow) as error:
        raise WrongUse(str(error)) from error
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading", total=sum(len(part) for part in files))
        try:
            trained = fitting.train(
                files,
                model=model or DEFAULT_MODEL,
                home=settings.home,
                cache=cache or settings.home / "readings",
                recipe=Recipe(),
                progress=lambda done: progress.update(bar, advance=done),
            )
        except ValueError as error:
            raise WrongUse(str(error)) from error
    adapters.save(trained.adapter, out)
    head = trained.adapter.calibrations["head"]
    typer.echo(
        f"{out}: {head.n:,} rows of {', '.join(sorted(trained.adapter.languages))}, "
        f"base rate {head.base_rate:.2f}; `gavel evaluate` measures it"
    )

"""The command `gavel train`: fit, tune and calibrate a judge on labelled rows. It acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from judge.train.data import DataRow
    from judge.tuned import Updates

HELP = (
    "Fit and calibrate a judge on labelled rows.\n\n"
    "ROWS are files that `gavel data rows` wrote. A linear head is fitted on what the model "
    "computes for them. With --held-out, the upper layers of the model are tuned on ROWS as well "
    "(low-rank updates, cross-entropy and a pairwise loss within each task), and the rows held "
    "out, of other tasks, weigh the two and calibrate. What the model computes is cached and "
    "tuning keeps checkpoints: a run that was cut off goes on where it was. OUT becomes a folder "
    "with the weights and judge.json."
)
EXAMPLE = (
    "Example: gavel train rows/train.jsonl.gz --held-out rows/validation.jsonl.gz --out my-judge"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train", help=HELP, epilog=EXAMPLE)(train)


def train(
    rows: Annotated[list[Path], typer.Argument(metavar="ROWS...", help="Files of data rows.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the adapter to.")],
    held_out: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows of other tasks to calibrate on; more than once."),
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="A model that `gavel models` lists.")
    ] = "",
    epochs: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Passes of the tuning; 0 fits the head alone."),
    ] = 1,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The tuning's checkpoints and log. Default: OUT/run."),
    ] = None,
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
    """Tune, read the rows with the model, fit, calibrate, save, and say what came of it."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.commands.wiring import worker_settings
    from bot.problems import WrongUse
    from judge import adapter as adapters
    from judge.registry import DEFAULT_MODEL
    from judge.train import fitting
    from judge.train.head import Recipe

    home, name = worker_settings().home.expanduser(), model or DEFAULT_MODEL
    whole = _read([*rows])
    files = [fitting.sample(part, per_task)[:limit] for part in whole]
    kept_out = [row for part in _read(held_out or []) for row in fitting.sample(part, per_task)]
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        try:
            updates = None
            if kept_out and epochs:
                flat = [row for part in whole for row in part[:limit]]
                updates = _tuned(flat, name, home, epochs, work or out / "run", progress)
            bar = progress.add_task("reading", total=sum(map(len, files)) + len(kept_out))
            trained = fitting.train(
                files,
                held_out=kept_out,
                updates=updates,
                model=name,
                home=home,
                cache=cache or home / "readings",
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


def _read(paths: Sequence[Path]) -> list[list[DataRow]]:
    from bot.problems import WrongUse
    from judge.train.data import read_data
    from judge.train.forbidden import ForbiddenRow
    from judge.train.tasks import BadRow

    try:
        return [list(read_data(path)) for path in paths]
    except (OSError, BadRow, ForbiddenRow) as error:
        raise WrongUse(str(error)) from error


def _tuned(
    rows: Sequence[DataRow], name: str, home: Path, epochs: int, work: Path, progress: Progress
) -> Updates:
    from judge.model import open_backbone
    from judge.registry import require
    from judge.train.curve import draw
    from judge.train.loop import Schedule
    from judge.train.tuning import Tuning, tune_on

    bar = progress.add_task("tuning", total=None)
    advance: Callable[[object], None] = lambda step: progress.update(bar, advance=1)  # noqa: E731
    updates = tune_on(
        rows,
        open_backbone(require(home, name)),
        tuning=Tuning(),
        schedule=Schedule(epochs=epochs),
        states=home / "states",
        folder=work,
        started=lambda groups: progress.update(bar, total=groups),
        progress=advance,
    )
    draw(work / "steps.jsonl", work / "curve.png")
    return updates

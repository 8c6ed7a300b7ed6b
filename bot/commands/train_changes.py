"""The command `gavel train-changes`: give a trained judge another head for changes. It acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from judge.adapter import Adapter
    from judge.evaluate.intervals import Figure
    from judge.train.change_fitting import Changed
    from judge.types import Example

HELP = (
    "Fit the head for changes of a judge anew, and leave the rest of it as it is.\n\n"
    "ROWS are files of `gavel data changes`; rows with a diff are learnt from. Prints the AUC of "
    "heads that never saw a row's repository, beside the baselines. Where it is not 0.05 above the "
    "best of them, the head says a number of every change and abstains. What the model computes is "
    "kept under GAVEL_HOME."
)
EXAMPLE = "Example: gavel train-changes mined/train.jsonl.gz --onto my-judge --out my-judge"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train-changes", help=HELP, epilog=EXAMPLE)(train_changes)


def train_changes(
    rows: Annotated[
        list[Path], typer.Argument(metavar="ROWS...", help="Files of `gavel data changes`.")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to write the adapter to.")
    ] = None,
    onto: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The adapter to start from. Default: the one in use."),
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="A model that `gavel models` lists.")
    ] = "",
    most: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Learn from the first N rows only.")
    ] = None,
    without_history: Annotated[
        bool, typer.Option("--without-history", help="Do not look at the rows' history.")
    ] = False,
    diff_alone: Annotated[
        bool,
        typer.Option(
            "--diff-alone", help="Say what diff and history tell without a model; no OUT."
        ),
    ] = False,
) -> None:
    """Fit, save, and say what the head is worth."""
    from bot.commands.wiring import worker_settings
    from bot.problems import WrongUse, sentence_of
    from judge import adapter as adapters
    from judge.registry import DEFAULT_MODEL, UnknownModel, lookup
    from judge.train.change_fitting import diff_aucs, read_changes
    from judge.train.tasks import BadRow

    if (out is None) is not diff_alone:
        raise WrongUse("give --out DIR to train a head, or --diff-alone to train none")
    home, name = worker_settings().home.expanduser(), model or DEFAULT_MODEL
    try:
        found = [
            row for path in rows for row in read_changes(path, with_history=not without_history)
        ][:most]
        if out is None:
            typer.echo(f"{len(found):,} rows; AUC out of repository\n{_shown(diff_aucs(found))}")
            return
        start = adapters.load(
            onto or adapters.folder_of(name, home), model_sha256=lookup(name).sha256
        )
        changed = fit_changes(start, found, home=home)
        adapters.save(changed.adapter, out)
    except (adapters.AdapterError, UnknownModel, OSError, ValueError, BadRow) as error:
        raise WrongUse(sentence_of(error)) from error
    typer.echo(f"{out}: {changed.rows:,} rows of {changed.repositories} repositories")
    typer.echo(f"AUC out of repository\n{_shown(changed.auc)}")
    head = changed.adapter.changes
    if head is not None and not head.languages:
        typer.echo("not clearly better than the best of these: it will abstain")


def fit_changes(start: Adapter, rows: Sequence[tuple[Example, int, str]], *, home: Path) -> Changed:
    """`start` with a head for changes fitted on `rows`; a terminal sees how far the reading is.

    Raises as `with_changes`, and ModelMissing where the adapter's model is not under `home`.
    """
    from rich.console import Console
    from rich.progress import Progress

    from judge.train.change_fitting import with_changes
    from judge.train.readings import opener

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading changes", total=len(rows))
        return with_changes(
            start,
            rows,
            backbone=opener(home, start.model, start.updates),
            cache=home / "readings",
            progress=lambda done: progress.update(bar, advance=done),
        )


def _shown(told: Mapping[str, Figure]) -> str:
    """A line for each figure: its name, its value, and its interval where there is one."""
    lines = []
    for name, one in told.items():
        around = "" if one.low is None else f" [{one.low:.3f}, {one.high:.3f}]"
        lines.append(f"  {name} {one.value:.3f}{around}")
    return "\n".join(lines)

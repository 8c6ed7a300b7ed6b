"""The command `gavel train`: fit, tune and calibrate a judge on labelled rows. It acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.train_changes import fit_changes
from bot.commands.train_tasks import adaptation, own_rows
from bot.commands.train_tuning import beside, start_of, tuner
from bot.problems import WrongUse, sentence_of

if TYPE_CHECKING:
    from judge.adapter import Adapter
    from judge.train.data import DataRow
    from judge.train.fitting import Trained
    from judge.types import Example

    Change = tuple[Example, int, str]  # with its label and its repository

T = TypeVar("T")
HELP = (
    "Fit and calibrate a judge on labelled rows.\n\n"
    "ROWS are files that `gavel data rows` wrote. A linear head is fitted on what the model "
    "computes for them, and for those of --feedback, each of which counts by its own weight; with "
    "--epochs, the model's upper layers are tuned on ROWS too (low-rank "
    "updates, cross-entropy and a pairwise loss within each task). The rows held out, of other "
    "tasks, say when tuning stops getting better, and calibrate. Tuning learns from wrong variants "
    "of the rows (--variants) and from their tasks in other words (--varied) as well, and goes on "
    "from an adapter (--onto), where these are given. What the model computes is cached and tuning "
    "keeps checkpoints: a run that was cut off goes on where it was. OUT becomes a folder with the "
    "weights and judge.json.\n\n"
    "--tasks takes a folder with a gavel-tasks.toml: tasks with tests, or a repository with its "
    "test suite. Candidates are made of its solutions, and labelled by its tests in a sandbox."
)
EXAMPLE = (
    "Example: gavel train rows/train.jsonl.gz --held-out rows/validation.jsonl.gz --out my-judge"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train", help=HELP, epilog=EXAMPLE)(train)


def train(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the adapter to.")],
    rows: Annotated[
        list[Path] | None, typer.Argument(metavar="ROWS...", help="Files of data rows.")
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows of other tasks to calibrate on; more than once."),
    ] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder or repository with a gavel-tasks.toml."),
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="A model that `gavel models` lists.")
    ] = "",
    per_label: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Train on N right and N wrong rows of a task."),
    ] = 6,
    held_out_per_task: Annotated[
        int, typer.Option(min=1, metavar="N", help="Hold out at most N rows of a task.")
    ] = 10,
    epochs: Annotated[
        int, typer.Option(min=0, metavar="N", help="Tune the upper layers, N passes.")
    ] = 0,
    variants: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Rows of `gavel data mutate` to tune on; more than once."
        ),
    ] = None,
    varied: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Tune on N tasks of each file in other words too."),
    ] = 0,
    onto: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Go on tuning from the adapter in DIR."),
    ] = None,
    changes: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows of `gavel data changes`; more than once."),
    ] = None,
    feedback: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows of `gavel feedback export`; more than once."),
    ] = None,
    feedback_weight: Annotated[
        float,
        typer.Option(min=0.0, metavar="X", help="What one label of a person counts for."),
    ] = 1.0,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The tuning's checkpoints and log. Default: OUT/run."),
    ] = None,
) -> None:
    """Tune, read the rows with the model, fit, calibrate, save, and say what came of it."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.commands.wiring import worker_settings
    from judge import adapter as adapters
    from judge.registry import DEFAULT_MODEL
    from judge.train import feedback as taught
    from judge.train import fitting
    from judge.train.done import OtherInputs
    from judge.train.groups import Grouping
    from judge.train.head import Recipe

    home, name = worker_settings().home.expanduser(), model or DEFAULT_MODEL
    if not tasks and not (rows and held_out):
        raise WrongUse("give ROWS and --held-out, or --tasks, a folder with tasks and tests")
    changed = _read_changes(changes or [])
    own = own_rows(tasks, work or out / "run") if tasks else None
    learnt, said = _read(rows or []), _said(feedback or [], feedback_weight)
    kept = [fitting.sample(part, held_out_per_task) for part in _read(held_out or [])]
    if own:
        learnt, kept = [*learnt, own.learnt], [*kept, own.held_out]
    more = beside(learnt, _read(variants or []), varied=varied, epochs=epochs)
    start = start_of(onto, model=name, epochs=epochs)
    grouping = Grouping(per_label=per_label)
    _make(out)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        try:
            run = work or out / "run"
            bar = progress.add_task("reading", total=None)
            trained = fitting.train(
                [*learnt, *said],
                held_out=kept,
                readout=start.readout,
                tune_from=tuner(
                    [*learnt, *more],
                    kept,
                    grouping=grouping,
                    home=home,
                    epochs=epochs,
                    start=start,
                    work=run,
                    progress=progress,
                ),
                tuned_on=[row for part in more for row in part],
                model=name,
                home=home,
                recipe=Recipe(),
                grouping=grouping,
                weigh=taught.weights,
                started=lambda total: progress.update(bar, total=total),
                progress=lambda done: progress.update(bar, advance=done),
            )
        except (ValueError, OtherInputs, OSError) as error:
            raise WrongUse(sentence_of(error)) from error
    adapter = trained.adapter
    adapters.save(adapter, out)  # before the changes, which can be too few: hours are not lost
    if changed:
        adapter = _with_changes(adapter, changed, home, out)
        adapters.save(adapter, out)
    keep_reliability(trained, out)
    head = adapter.calibrations["head"]
    typer.echo(
        f"{out}: calibrated on {head.n:,} rows of {', '.join(sorted(adapter.languages))}, "
        f"base rate {head.base_rate:.2f}; `gavel evaluate` measures it"
    )
    if own:
        typer.echo(adaptation(own.held_out, trained, model=name, home=home))


def _read(paths: Sequence[Path]) -> list[list[DataRow]]:
    from judge.train.data import read_data

    return _each(lambda path: list(read_data(path)), paths)


def _said(paths: Sequence[Path], factor: float) -> list[list[DataRow]]:
    """Rows that people labelled; none where they are to count nothing."""
    from judge.train.feedback import read_feedback

    return _each(lambda path: read_feedback(path, factor=factor), paths) if factor else []


def _each(read: Callable[[Path], list[T]], paths: Sequence[Path]) -> list[list[T]]:
    from judge.train.forbidden import ForbiddenRow
    from judge.train.tasks import BadRow

    found = []
    for path in paths:
        try:
            found.append(read(path))
        except (OSError, BadRow, ForbiddenRow) as error:
            raise WrongUse(sentence_of(error)) from error
        if not found[-1]:
            raise WrongUse(f"{path} holds no row to learn from: leave it out, or name another file")
    return found


def _make(out: Path) -> None:
    """Make the folder `out`: that it cannot be made is told before the work. Raises WrongUse."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"{sentence_of(error)}: name another folder to write") from error


def _read_changes(paths: Sequence[Path]) -> list[Change]:
    from judge.train.change_fitting import read_changes

    return [row for rows in _each(read_changes, paths) for row in rows]


def _with_changes(adapter: Adapter, rows: Sequence[Change], home: Path, out: Path) -> Adapter:
    """`adapter`, which is in `out`, with a head for the changes `rows`. Raises WrongUse."""
    try:
        return fit_changes(adapter, rows, home=home).adapter
    except (OSError, ValueError) as error:
        said = f"{out} holds the judge without a head for changes: {sentence_of(error)}"
        raise WrongUse(said) from error


def keep_reliability(trained: Trained, out: Path) -> None:
    """Write beside the adapter how far its probabilities were right on what calibrated them."""
    import hashlib

    from judge.reliability import FILE, Reliability, as_text, binned

    head = trained.adapter.calibrations["head"]
    version = hashlib.sha256((out / "judge.json").read_bytes()).hexdigest()[:8]
    p = [head.probability(float(logit)) for logit in trained.logits]
    bins = binned(p, [row.label for row in trained.rows])
    told = Reliability(version, "rows held out, on which it was calibrated", bins)
    (out / FILE).write_text(as_text(told), encoding="utf-8")

"""The command `gavel score`: a probability on every row of a file. It acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, TypeVar

import typer

from bot import rows, scoring
from bot.commands.wiring import METHODS_HELP, MODEL_HELP, OpenJudge, open_judge
from bot.problems import WrongUse
from bot.rows import Row
from judge.types import Judge

SCORE_HELP = (
    "Say of every row of IN how likely its code is to be correct.\n\n"
    "IN and OUT are JSON lines; a name that ends in .gz is compressed, - is standard input or "
    "output. Every row comes back with all its fields, in its place, and with `p_correct` "
    "(0 to 1), `logit`, `model` and `abstained`, with a `reason` where that is true. The judge "
    "reads `code`, `prompt`, `language` and `diff`. OUT appears whole or not at all."
)
SCORE_EXAMPLE = "Example: gavel score candidates.jsonl.gz scored.jsonl.gz"
One = TypeVar("One")

Source = Annotated[str, typer.Argument(metavar="IN", help="JSON lines, or - for standard input.")]
Target = Annotated[str, typer.Argument(metavar="OUT", help="File, or - for standard output.")]
Model = Annotated[str, typer.Option("--model", metavar="NAME", help=MODEL_HELP)]
Method = Annotated[str, typer.Option("--method", metavar="NAME", help=METHODS_HELP)]


def register(app: typer.Typer, *, judge_of: OpenJudge = open_judge) -> None:
    """Add the command to the command line. `judge_of` opens the judge to use."""

    @app.command("score", help=SCORE_HELP, epilog=SCORE_EXAMPLE)
    def score(source: Source, target: Target, model: Model = "", method: Method = "") -> None:
        score_rows(source, target, lambda: judge_of(model, method))


def score_rows(source: str, target: str, opened: Callable[[], Judge]) -> None:
    """Write the rows of `source` with their verdicts to `target`. Raises WrongUse.

    A file is read through once before the judge is opened: a bad line is told at once.
    """
    total = None if source == rows.STANDARD else sum(1 for _ in rows.read(source))
    with rows.writer(target) as write:
        for row in progress(scoring.score(rows.read(source), opened()), total=total):
            write(row)


def copy(source: str, target: str, *, each: Callable[[int, Row], Row]) -> None:
    """Write the rows of `source` to `target`, each as `each` gives it back."""
    with rows.writer(target) as write:
        for number, row in enumerate(rows.read(source), start=1):
            write(each(number, row))


def with_scores(number: int, row: Row) -> Row:
    """`row`, which must have been scored. Raises WrongUse with its number."""
    for field in ("p_correct", "logit"):
        value = row.get(field)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise WrongUse(f"row {number} has no {field}: leave --use-scores out to score it first")
    return row


def progress(scored: Iterable[One], *, total: int | None) -> Iterator[One]:
    """`scored` as it is, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield from bar.track(scored, total=total, description="judging")

"""The command `gavel evaluate`: measure a judge on labelled rows. It acts."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import rows
from bot.commands import evaluate_pairs, evaluate_swap
from bot.commands.evaluate_rows import (
    Judges,
    evaluated,
    in_range,
    read_labelled,
    score_by_all,
    text_of,
)
from bot.commands.score import Method, Model, Source, with_scores
from bot.commands.wiring import worker_settings
from bot.problems import WrongUse
from bot.rows import Row, Write

if TYPE_CHECKING:
    from rich.table import Table

    from judge.evaluate.report import Evaluated

HELP = (
    "Measure a judge on rows whose `label` says whether their code is correct.\n\n"
    "Every figure comes with n and a 95 % interval by bootstrap over tasks, for all rows, for "
    "each language and each writer (`generator`), and beside it stand the baselines: the "
    "commoner class, length, added lines, character n-grams, and the model before any "
    "training. What a baseline learns, it learns from other tasks of the same file."
)
EXAMPLE = "Example: gavel evaluate rows/validation.jsonl.gz --json report.json --pictures report"


# (model, method, methods beside it) -> the judges, and which of their methods is measured
OpenJudges = Callable[[str, str, Sequence[str]], tuple[Judges, str]]


def open_judges(model: str, method: str, beside: Sequence[str]) -> tuple[Judges, str]:
    """The judges of `model`. Takes seconds. Raises WrongUse, and as `load_judges`."""
    from judge.registry import DEFAULT_MODEL
    from judge.score import METHODS, load_judges

    settings = worker_settings()
    chosen = method or settings.method
    if chosen not in METHODS:
        raise WrongUse(f"unknown method {chosen!r}: expected one of {', '.join(METHODS)}")
    methods = (chosen, *(one for one in beside if one != chosen))
    name = model or settings.model or DEFAULT_MODEL
    return load_judges(name, home=settings.home.expanduser(), methods=methods), chosen


def register(app: typer.Typer, *, judges_of: OpenJudges = open_judges) -> None:
    """Add the command to the command line. `judges_of` opens the judges to use."""

    @app.command("evaluate", help=HELP, epilog=EXAMPLE)
    def evaluate(
        source: Source,
        json: Annotated[
            str, typer.Option(metavar="OUT", help="Write the report as JSON; - is standard output.")
        ] = "",
        model: Model = "",
        method: Method = "",
        threshold: Annotated[
            float, typer.Option(min=0, max=1, help="P(correct) from which code is called correct.")
        ] = 0.5,
        pictures: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Write two diagrams as PNG into DIR.")
        ] = None,
        use_scores: Annotated[
            bool, typer.Option("--use-scores", help="Do not score: use p_correct and logit of IN.")
        ] = False,
        no_untrained: Annotated[
            bool, typer.Option("--no-untrained", help="Leave the untrained methods out.")
        ] = False,
        kind: Annotated[
            str, typer.Option(metavar="KIND", help="Only rows of this `kind`, as introduced.")
        ] = "",
        pairs: Annotated[
            bool, typer.Option("--pairs", help="Measure pairs of a bug and its fix instead.")
        ] = False,
        originals: Annotated[
            list[str] | None,
            typer.Option(metavar="FILE", help="Rows that the mutants in IN were made from."),
        ] = None,
        most: Annotated[
            int, typer.Option(min=1, metavar="N", help="With --pairs: at most N of them.")
        ] = 1000,
        swap: Annotated[
            bool,
            typer.Option("--swap", help="Measure how scores turn when diffs are turned instead."),
        ] = False,
        without_history: Annotated[
            bool, typer.Option("--without-history", help="Do not show the rows' history.")
        ] = False,
    ) -> None:
        from judge.score import RAW, TOTAL

        if math.isnan(threshold):
            raise WrongUse("--threshold is not a number: expected one from 0 to 1")
        if pairs and swap:
            raise WrongUse("--pairs and --swap exclude each other: give one")
        labelled = read_labelled(source, kind, with_history=not without_history)
        if pictures is not None:
            make(pictures)
        beside = () if no_untrained else (*RAW, TOTAL) if pairs else tuple(RAW)

        def score(asked: Sequence[Row]) -> tuple[dict[str, list[Row]], str]:
            if use_scores:
                return {
                    "": [in_range(n, with_scores(n, row)) for n, row in enumerate(asked, 1)]
                }, ""
            judges, chosen = judges_of(model, method, beside)
            return score_by_all(asked, judges), chosen

        with written(json) as write:  # a place that cannot be written is told before the work
            to_stderr = json == rows.STANDARD
            if pairs:
                found = evaluate_pairs.find(labelled, originals or (), most)
                told, scored = evaluate_pairs.measure(found, score)
                write(evaluate_pairs.report(told, about(source, scored)))
                _print(evaluate_pairs.table(told), to_stderr=to_stderr)
                return
            if swap:
                turned = evaluate_swap.measure(labelled, score, threshold)
                write({**about(source, labelled), **turned})
                _print(evaluate_swap.table(turned), to_stderr=to_stderr)
                return
            untrained, chosen = score(labelled)
            scored = untrained.pop(chosen)
            measured = evaluated(scored, untrained, threshold)
            tell(measured, about(source, scored), write, pictures, to_stderr=to_stderr)


def make(pictures: Path) -> None:
    """Make the folder of the pictures before the work, which would be lost. Raises WrongUse."""
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"cannot write pictures to {pictures}: {error.strerror}") from error


def written(target: str) -> AbstractContextManager[Write]:
    """Where the report goes: a file, standard output, or nowhere where `target` is ""."""
    return rows.writer(target) if target else nullcontext(lambda row: None)


def about(source: str, scored: Sequence[Row]) -> Row:
    """What is known beside the rows: their file and its hash, model, split, commit."""
    path = Path(source)
    is_file = source != rows.STANDARD and path.is_file()
    told: Row = {
        "file": path.name if is_file else None,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest() if is_file else None,
        "models": sorted({text_of(row, "model") for row in scored} - {""}),
        "commit": commit(),
    }
    splits = sorted({text_of(row, "split") for row in scored} - {""})
    return {**told, "splits": splits} if splits else told


def commit(module: Path = Path(__file__)) -> str | None:
    """The commit of the checkout that Gavel runs from, with "-dirty" where files differ from it.

    None where `module` is not in a checkout of its own, or git cannot tell.
    """
    from bot.git import git

    try:  # an installation inside somebody else's repository is not a checkout of Gavel
        git(module.parent, "ls-files", "--error-unmatch", "--", module.name)
        told = git(module.parent, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    except WrongUse:
        return None
    return told.decode("ascii").strip()


def tell(
    measured: Evaluated, known: Row, write: Write, pictures: Path | None, *, to_stderr: bool
) -> None:
    """Write the report, show its tables, and draw the pictures. Raises WrongUse."""
    from judge.evaluate.report import groups_table, report, table

    told = report(measured, known)
    write(told)
    _print(table(told), groups_table(told), to_stderr=to_stderr)
    if pictures is not None:
        from judge.evaluate.pictures import draw

        try:
            draw(measured.judged(), pictures)
        except OSError as error:
            raise WrongUse(f"cannot write pictures to {pictures}: {error.strerror}") from error


def _print(*tables: Table, to_stderr: bool) -> None:
    from rich.console import Console

    console = Console(stderr=to_stderr)
    for one in tables:
        console.print(one)

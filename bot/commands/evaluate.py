"""The command `gavel evaluate`: measure a judge on labelled rows. It acts."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from bot import rows, scoring
from bot.commands import evaluate_pairs
from bot.commands.score import Method, Model, Source, progress, with_scores
from bot.commands.wiring import worker_settings
from bot.problems import WrongUse
from bot.rows import Row, Write
from judge.types import Example, Verdict
from worker.escape import plain

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
MAX_NAME = 80  # characters of a language or a writer in the report


class Judges(Protocol):
    """Several methods on one model, which read an example once."""

    def judge_all(self, examples: Sequence[Example]) -> dict[str, list[Verdict]]:
        """Method -> one verdict per example, in order."""
        ...


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
    ) -> None:
        from judge.score import RAW, TOTAL

        if math.isnan(threshold):
            raise WrongUse("--threshold is not a number: expected one from 0 to 1")
        labelled = read_labelled(source, kind)
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
            untrained, chosen = score(labelled)
            scored = untrained.pop(chosen)
            measured = evaluated(scored, untrained, threshold)
            tell(measured, about(source, scored), write, pictures, to_stderr=to_stderr)


def written(target: str) -> AbstractContextManager[Write]:
    """Where the report goes: a file, standard output, or nowhere where `target` is ""."""
    return rows.writer(target) if target else nullcontext(lambda row: None)


def read_labelled(source: str, kind: str = "") -> list[Row]:
    """The rows of `source`, each with a label of 0 or 1; of one `kind`, or all. Raises WrongUse."""
    found = [row for row in rows.read(source) if not kind or row.get("kind") == kind]
    if not found:
        raise WrongUse(f"there are no rows {f'of kind {kind!r} ' if kind else ''}to evaluate")
    for number, row in enumerate(found, start=1):
        label = row.get("label")
        if label not in (0, 1) or isinstance(label, bool):
            said = "no label" if "label" not in row else "a label that is neither 0 nor 1"
            raise WrongUse(f"row {number} has {said}: expected 1 (correct) or 0 (wrong) in each")
    return found


def in_range(number: int, row: Row) -> Row:
    """`row`, whose scores can be counted with. Raises WrongUse with its number."""
    p, logit = row["p_correct"], row["logit"]
    if not isinstance(p, int | float) or not 0 <= p <= 1:
        raise WrongUse(f"row {number} has a p_correct of {p}: expected a number from 0 to 1")
    if not isinstance(logit, int | float) or not -1e300 < logit < 1e300:
        raise WrongUse(f"row {number} has a logit that is out of range")
    return row


def score_by_all(labelled: Sequence[Row], judges: Judges) -> dict[str, list[Row]]:
    """Method -> the rows with its verdicts; every row is read once, whatever the methods."""
    told: dict[str, list[Row]] = {}

    def answers() -> Iterator[Row]:
        for start in range(0, len(labelled), scoring.BATCH):
            part = labelled[start : start + scoring.BATCH]
            for method, answered in _answered(part, judges).items():
                told.setdefault(method, []).extend(answered)
            yield from part

    for _ in progress(answers(), total=len(labelled)):
        pass
    return told


def _answered(part: Sequence[Row], judges: Judges) -> dict[str, list[Row]]:
    """Method -> `part` with its verdicts; a row that cannot be asked is an abstention."""
    posed = [scoring.example_of(row) for row in part]
    asked = [scoring.NOTHING if isinstance(one, str) else one for one in posed]
    return {
        method: [
            scoring.with_verdict(
                row, replace(said, abstained=True, reason=one) if isinstance(one, str) else said
            )
            for row, one, said in zip(part, posed, verdicts, strict=True)
        ]
        for method, verdicts in judges.judge_all(asked).items()
    }


def evaluated(
    scored: Sequence[Row], untrained: Mapping[str, Sequence[Row]], threshold: float
) -> Evaluated:
    """What is measured: rows with labels and verdicts, and the logits of untrained methods."""
    import numpy as np

    from judge.evaluate.baselines import Texts
    from judge.evaluate.report import Evaluated
    from judge.evaluate.sample import Told
    from worker.repo_config import DEFAULT_RULES

    def column(of: Sequence[Row], field: str) -> list[float]:
        return [float(str(row[field])) for row in of]

    task_ids = [row.get("task_id") for row in scored]
    return Evaluated(
        texts=Texts(
            code=[_text(row, "code") for row in scored],
            diffs=[_text(row, "diff") for row in scored],
            labels=np.array(column(scored, "label"), dtype=np.int64),
            tasks=[_fold_key(index, task) for index, task in enumerate(task_ids)],
        ),
        task_ids=task_ids,
        languages=[plain(_text(row, "language"), limit=MAX_NAME) for row in scored],
        writers=[plain(_text(row, "generator"), limit=MAX_NAME) for row in scored],
        told=Told.of_verdicts(
            np.array(column(scored, "p_correct")),
            np.array(column(scored, "logit")),
            np.array([row.get("abstained") is True for row in scored]),
        ),
        untrained={method: np.array(column(of, "logit")) for method, of in untrained.items()},
        threshold=threshold,
        comment_threshold=DEFAULT_RULES.threshold,
    )


def _fold_key(index: int, task: object) -> str:
    """What rows share that must not be in different folds: a task, in whatever language."""
    from judge.train.tasks import number_of

    if task is None:
        return f"row {index}"
    return number_of(task) if isinstance(task, str) else repr(task)


def _text(row: Row, field: str) -> str:
    value = row.get(field)
    return value if isinstance(value, str) else ""


def about(source: str, scored: Sequence[Row]) -> Row:
    """What is known beside the rows: their file and its hash, model, split, commit."""
    path = Path(source)
    is_file = source != rows.STANDARD and path.is_file()
    told: Row = {
        "file": path.name if is_file else None,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest() if is_file else None,
        "models": sorted({_text(row, "model") for row in scored} - {""}),
        "commit": commit(),
    }
    splits = sorted({_text(row, "split") for row in scored} - {""})
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

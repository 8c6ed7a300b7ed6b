"""The command `gavel rank`: the best candidate of each task first. It acts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import rows
from bot.commands.score import Method, Model, Source, Target, copy, score_rows, with_scores
from bot.commands.wiring import OpenJudge, open_judge
from bot.problems import WrongUse
from bot.rows import Row
from judge.types import Judge

HELP = (
    "Rank the rows of IN that share a `task_id`: 1 is the best.\n\n"
    "Scores every row as `gavel score` does and adds `rank`, by `p_correct`, then `logit`, then "
    "place in the file; rows that could not be judged come last. With --use-scores, "
    "the scores that the rows already have are used. With --execute examples, the examples that "
    "the descriptions show are run in a sandbox, and candidates that fail them rank behind. With "
    "--stages, cheap filters (parse, compile, undefined names, examples) come before the judge, "
    "which then reads what is left, and the tests of --tests run on its best few."
)
EXAMPLE = "Example: gavel rank candidates.jsonl - | grep '\"rank\": 1}'"
KEPT = ("task_id", "code", "p_correct", "logit", "abstained")  # held of every row at once
RAN = ("examples_shown", "examples_passed", "stage")  # what running them adds


def register(app: typer.Typer, *, judge_of: OpenJudge = open_judge) -> None:
    """Add the command to the command line. `judge_of` opens the judge to use."""

    @app.command("rank", help=HELP, epilog=EXAMPLE)
    def rank(
        source: Source,
        target: Target,
        model: Model = "",
        method: Method = "",
        use_scores: Annotated[
            bool, typer.Option("--use-scores", help="Do not score: use p_correct and logit of IN.")
        ] = False,
        execute: Annotated[
            str, typer.Option(metavar="WHAT", help="`examples`: run those of the descriptions.")
        ] = "",
        stages: Annotated[
            bool, typer.Option("--stages", help="Cheap filters, the judge, then tests.")
        ] = False,
        tests: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Tasks with tests, for --stages.")
        ] = None,
        best: Annotated[
            int, typer.Option(min=1, metavar="N", help="Test the N best of a task.")
        ] = 3,
        lodash: Annotated[
            Path | None, typer.Option(metavar="FILE", help="lodash.js, for tests in JavaScript.")
        ] = None,
    ) -> None:
        if execute not in ("", "examples"):
            raise WrongUse(f"--execute {execute!r}: expected examples")
        if tests and not stages:
            raise WrongUse("--tests needs --stages: the tests run after the judge")
        if stages and use_scores:
            raise WrongUse("--stages judges what its filters leave: leave --use-scores out")
        rows.check(target)  # before the work, which may take hours
        opened = lambda: judge_of(model, method)  # noqa: E731 - opened once, when it is needed
        with tempfile.TemporaryDirectory(prefix="gavel-") as scratch:
            scored = str(Path(scratch, "scored.jsonl"))
            if stages:
                from bot.commands.rank_stages import staged

                staged(source, scored, opened, tests=tests, best=best, lodash=lodash)
            else:
                _scored(source, scored, use_scores=use_scores, scoring=opened)
            if execute and not stages:
                from bot.commands.rank_stages import with_examples

                ran = str(Path(scratch, "ran.jsonl"))
                with_examples(scored, ran)
                scored = ran
            rank_scored(scored, target)


def _scored(source: str, scored: str, *, use_scores: bool, scoring: Callable[[], Judge]) -> None:
    if use_scores:
        copy(source, scored, each=with_scores)
    else:
        score_rows(source, scored, scoring)


def rank_scored(scored: str, target: str) -> None:
    """Write the rows of `scored`, which have a task and a score, to `target` with their ranks."""
    from judge.rank import rank_rows

    keys: list[Row] = [
        {field: row[field] for field in (*KEPT, *RAN) if field in row} for row in rows.read(scored)
    ]
    ranked = rank_rows(keys)
    with rows.writer(target) as write:
        for row, key in zip(rows.read(scored), ranked, strict=True):
            write({**row, "rank": key["rank"]})

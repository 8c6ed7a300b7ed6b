"""The command `gavel data generate`: let a model write answers to tasks. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from judge.registry import DEFAULT_MODEL

HELP = (
    "Let a model write answers to tasks with tests, as candidates for `gavel data label`.\n\n"
    "Mix at least two models, several temperatures, and prompts with and without examples, or a "
    "judge learns one writer's style. Answers that do not end in time are left out, and those "
    "that differ in format alone are counted as one. A run that was cut off goes on where it was."
)
EXAMPLE = "Example: gavel data generate tasks/mbxp-go.jsonl.gz go.jsonl.gz --temperature 0.5"


def generate(
    tasks: Annotated[
        Path, typer.Argument(metavar="TASKS", help="File of tasks with tests, or a folder of them.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, .gz understood.")],
    model: Annotated[
        str, typer.Option(metavar="NAME", help="The writer, one of `gavel models`.")
    ] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option(min=1, metavar="N", help="Answers per task.")] = 10,
    temperature: Annotated[
        list[float] | None,
        typer.Option(min=0.05, max=2.0, metavar="T", help="May be given several times."),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(metavar="STYLE", help="examples or plain; both where none is given."),
    ] = None,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Longest answer.")] = 288,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed, other answers.")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N tasks.")
    ] = None,
) -> None:
    """Write the candidates and say how many."""
    from bot.commands.data_words import check_target, show_progress
    from bot.commands.wiring import worker_settings
    from bot.problems import WrongUse, sentence_of
    from judge.registry import require
    from judge.train.done import OtherInputs
    from judge.train.forbidden import ForbiddenRow
    from judge.train.generate import STYLES, Recipe, generate_file, open_writer
    from judge.train.tasks import BadRow

    check_target(out, tasks)
    styles = tuple(style or STYLES)
    if unknown := [one for one in styles if one not in STYLES]:
        raise WrongUse(f"unknown style {unknown[0]!r}: expected {' or '.join(STYLES)}")
    folder = require(worker_settings().home.expanduser(), model)
    recipe = Recipe(model, count, tuple(temperature or (0.8,)), styles, max_tokens, seed)
    try:
        found = generate_file(
            tasks,
            out,
            recipe=recipe,
            writer=open_writer(folder),
            limit=limit,
            progress=show_progress("tasks"),
        )
    except (BadRow, ForbiddenRow, OtherInputs, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    sys.stdout.write(f"{found.rows} candidates for {found.tasks} tasks in {out}\n")
    sys.stdout.write(f"left out: {found.cut} that did not end, {found.repeated} repeated\n")

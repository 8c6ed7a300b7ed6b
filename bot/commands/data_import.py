"""The command `gavel data import`: take answers that another model wrote. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Take answers that any model wrote to the tasks, as candidates for `gavel data label`.\n\n"
    "ANSWERS is a JSON lines file: `task_id` (a number, Mbpp/17, mbpp_17_name), and an answer or "
    "a list of them in `completion`, `solution`, `response` or `answer`. Prose, fences, tests and "
    "example calls are cut; what lacks the function or does not parse is left out and counted."
)
EXAMPLE = "Example: gavel data import samples.jsonl tasks/ candidates.jsonl.gz --generator my-model"


def import_answers(
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="File of answers.")],
    tasks: Annotated[
        Path, typer.Argument(metavar="TASKS", help="File of tasks with tests, or a folder of them.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, .gz understood.")],
    generator: Annotated[
        str, typer.Option(metavar="NAME", help="Who wrote them, where rows do not say.")
    ],
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="Of the answers.")] = "python",
    field: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Where a row holds its answer.")
    ] = None,
    temperature: Annotated[
        float, typer.Option(min=0.0, max=5.0, metavar="T", help="Where rows do not say.")
    ] = 0.0,
) -> None:
    """Write the candidates and say how many, and what was left out."""
    from bot.commands.data_words import check_target, told
    from bot.problems import WrongUse, sentence_of
    from judge.train.forbidden import ForbiddenRow
    from judge.train.imports_file import Origin, import_file
    from judge.train.tasks import BadRow

    check_target(out, answers, tasks)
    origin = Origin(generator, language, field, temperature)
    try:
        found = import_file(answers, tasks, out, origin=origin)
    except (BadRow, ForbiddenRow, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    sys.stdout.write(f"{found.rows} candidates for {found.tasks} tasks in {out}\n")
    if found.left_out:
        sys.stdout.write(f"left out: {told(found.left_out)}\n")

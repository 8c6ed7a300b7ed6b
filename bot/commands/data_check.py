"""The command `gavel data check`: what data files must not hold, or not twice. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Check data files for rows that examine the judge, and for leaks from one set to another.\n\n"
    "Files whose names say the same split (train, validation, test) are one set, any other file is "
    "one of its own. "
    "Rows of HumanEval, CoderEval and QuixBugs and of the projects that are out of bounds are "
    "found by their names and by their code; a task that is in two sets, and nearly the same "
    "code in two sets, by its tokens. Exits with 2 where anything is found. With --out, writes "
    "the files anew without those rows: of two that are alike, the training row goes. A task in "
    "two sets is told and left alone."
)
EXAMPLE = "Example: gavel data check rows/train.jsonl.gz rows/validation.jsonl.gz"


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Files of data rows.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the files into DIR without the rows found."),
    ] = None,
) -> None:
    """Check the files and say what was found."""
    from bot.commands.data_words import show_progress
    from bot.problems import WrongUse, sentence_of
    from judge.train.leakage_check import SHOWN, check_files, write_clean
    from judge.train.tasks import BadRow

    try:
        found = check_files(files, progress=show_progress("files"))
    except (BadRow, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    for path, rows in found.rows.items():
        sys.stdout.write(f"{path}: {rows} rows\n")
    near = [f"{leak.one} and {leak.other}: {leak.share:.0%} the same" for leak in found.near]
    repeated = [f"{path}: {count}" for path, count in found.repeated.items()]
    sections = (
        ("rows that examine the judge", found.forbidden),
        ("tasks in more than one set", found.shared),
        ("nearly the same code in two sets", near),
        ("ids used again", repeated),
    )
    for title, told in sections:
        sys.stdout.write(f"{title}: {len(told)}\n")
        for line in told[:SHOWN]:
            sys.stdout.write(f"  {line}\n")
    if out is not None:
        for target, kept in write_clean(found, out).items():
            sys.stdout.write(f"{target}: {kept} rows kept\n")
    if not found.is_clean and out is None:
        raise WrongUse(
            "these files leak: write them anew with --out, or take the named rows out of one"
        )

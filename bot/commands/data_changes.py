"""The command `gavel data changes`: labelled changes out of git histories. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Mine local git histories for code that was fixed and changes that were to blame.\n\n"
    "A small fix with a test gives each function before (wrong) and after (right). The commits "
    "that brought the lines which the fix removed give the function as proposed then (wrong), "
    "beside one of about the same size, of that commit or one near it, that no fix ever touched "
    "and that is over two years old (right). Writes FOLDER/repositories/, one file each, and joins "
    "them by repository into FOLDER/train.jsonl.gz and FOLDER/validation.jsonl.gz. A repository "
    "that is there already at the same commit is not mined again. People are counted; no name or "
    "address of one is kept."
)
EXAMPLE = "Example: gavel data changes mined/ --repo ~/src/service --repo ~/src/client"


def changes(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write to.")],
    repo: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="A clone, bare or not. Many may be given."),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="What one repository without an address is.")
    ] = "",
    minutes: Annotated[
        float, typer.Option(min=0.1, metavar="N", help="Longest time for one repository.")
    ] = 10.0,
) -> None:
    """Mine, join, and say what came of it."""
    from bot.commands.data_words import told
    from bot.problems import WrongUse, sentence_of
    from judge.train.changes_files import HistoryError, Refused, join, mine_into, names_of

    repositories = repo or []
    if name and len(repositories) != 1:
        raise WrongUse("--name says what one repository is: give exactly one --repo with it")
    try:
        names_of(repositories)
        for path in repositories:
            entry = mine_into(path, folder, name=name, limit_s=minutes * 60)
            cut = "" if entry["is_whole"] else ", cut short: give more --minutes"
            sys.stdout.write(f"{entry['repository']}: {entry['rows']}{cut}\n")
        if not repositories and not (folder / "repositories").is_dir():
            raise WrongUse("nothing to mine: give --repo PATH, the folder of a clone")
        joined = join(folder)
    except (Refused, HistoryError, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    for split, names in joined.repositories.items():
        sys.stdout.write(f"{split}: {len(names)} repositories\n")
    sys.stdout.write(f"rows: {told(joined.rows)}\n")

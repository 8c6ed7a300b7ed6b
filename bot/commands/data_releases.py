"""The command `gavel data releases`: functions that patch releases changed. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Compare patch releases of a Python package, for functions that they repaired.\n\n"
    "For code without a history at hand: each function that is in both of two releases which "
    "differ in the third number alone, and that changed, before (wrong) and after (right). "
    "Noisier than fix commits, since a patch release changes other things too. pip fetches the "
    "wheels; nothing of them is run."
)
EXAMPLE = "Example: gavel data releases attrs attrs.jsonl.gz --most 10"


def releases(
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="Its name, as pip takes it.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, .gz understood.")],
    most: Annotated[
        int, typer.Option(min=1, metavar="N", help="Pairs of releases, the newest first.")
    ] = 20,
) -> None:
    """Write the rows and say how many."""
    from bot.commands.data_words import check_target
    from bot.problems import WrongUse, sentence_of
    from judge.train.releases_fetch import ReleaseError, compare_releases

    check_target(out)
    try:
        found = compare_releases(package, out, most=most)
    except (ReleaseError, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    sys.stdout.write(
        f"{found.rows} rows of {len(found.pairs)} pairs of releases of {package} "
        f"({found.license}) in {out}\n"
    )
    for why, count in found.left_out.most_common():
        sys.stdout.write(f"left out {count}: {why}\n")

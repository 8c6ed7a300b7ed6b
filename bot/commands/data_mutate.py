"""The command `gavel data mutate`: small wrong variants of right code. It acts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Make small wrong variants of right rows, in the same style and with the same names.\n\n"
    "One edit each: another comparison, operator, constant, variable or method, one more or one "
    "less, exchanged arguments, half a condition, a missing branch or statement. With --tasks a "
    "variant stays only if the tests call it wrong, in the sandbox of `gavel data label`. The "
    "variants are chosen so that character n-grams cannot tell them from their originals, and the "
    "last line says how well they can. A run that was cut off goes on where it was."
)
EXAMPLE = "Example: gavel data mutate rows/train.jsonl.gz mutants.jsonl.gz --tasks tasks/"


def mutate(
    rows: Annotated[Path, typer.Argument(metavar="ROWS", help="Data rows, right ones among them.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, .gz understood.")],
    tasks: Annotated[
        Path | None, typer.Option(metavar="TASKS", help="Tasks with tests, a file or a folder.")
    ] = None,
    per_row: Annotated[
        int, typer.Option(min=1, max=20, metavar="N", help="Variants of one right row.")
    ] = 1,
    per_task: Annotated[
        int, typer.Option(min=0, metavar="N", help="Right rows of a task to vary; 0 for all.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed, other variants.")] = 0,
    lodash: Annotated[
        Path | None, typer.Option(metavar="FILE", help="lodash.js, which JavaScript tests need.")
    ] = None,
) -> None:
    """Write the variants and say what came of them."""
    from bot.commands.data_words import check_target, show_progress, told
    from bot.problems import CouldNotJudge, WrongUse, sentence_of
    from judge.train.done import OtherInputs
    from judge.train.forbidden import ForbiddenRow
    from judge.train.mutate_ngrams import LIMIT
    from judge.train.mutate_rows import Wanted, mutate_file
    from judge.train.sandbox import SandboxBroken, SandboxUnavailable
    from judge.train.tasks import BadRow
    from judge.train.toolchains import find_toolchains

    check_target(out, rows, tasks)
    try:
        found = mutate_file(
            rows,
            out,
            wanted=Wanted(per_row=per_row, per_task=per_task, seed=seed),
            tasks=tasks,
            tools=find_toolchains(lodash=lodash),
            progress=show_progress("tasks"),
        )
    except (BadRow, ForbiddenRow, OtherInputs, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    except (SandboxUnavailable, SandboxBroken) as refusal:
        raise CouldNotJudge(str(refusal)) from refusal
    sys.stdout.write(f"{found.rows} wrong variants of {found.originals} right rows in {out}\n")
    sys.stdout.write(f"by the tests: {told(found.fates)}\n")
    sys.stdout.write(f"edits: {told(found.kinds)}\n")
    if found.ngram_auc is None:
        sys.stdout.write("character n-grams: too few tasks to measure\n")
    else:
        verdict = "below" if found.ngram_auc < LIMIT else "NOT below"
        sys.stdout.write(
            f"character n-grams tell them apart with AUC {found.ngram_auc:.3f}, {verdict} {LIMIT}\n"
        )

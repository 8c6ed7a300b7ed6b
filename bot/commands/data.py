"""The commands `gavel data …`: build labelled data. They act."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import (
    data_changes,
    data_check,
    data_generate,
    data_import,
    data_mutate,
    data_releases,
)
from bot.commands.data_words import check_target, show_progress

GROUP_HELP = "Build labelled data to train and evaluate judges on."
LABEL_HELP = (
    "Label candidates by running the tests of their tasks in a sandbox.\n\n"
    "Writes one row per candidate, in the order of CANDIDATES: `task_id`, `index`, `label` (1, 0, "
    "or null where it is not known), `outcome`, `agree` and `dropped`. A run that was cut off "
    "goes on where it was. Needs Linux; languages whose toolchain is missing are named and left "
    "out."
)
LABEL_EXAMPLE = (
    "Example: gavel data label tasks/mbxp-python.jsonl.gz python.jsonl.gz labels.jsonl.gz"
)
ROWS_HELP = (
    "Join tasks, candidates and their labels into data rows, one file per split.\n\n"
    "Writes OUT/train.jsonl.gz, OUT/validation.jsonl.gz and OUT/test.jsonl.gz. All rows of a "
    "task, in every language, are in the same one."
)
ROWS_EXAMPLE = "Example: gavel data rows tasks/ python.jsonl.gz labels.jsonl.gz rows/"


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help=GROUP_HELP, no_args_is_help=True)
    group.command("label", help=LABEL_HELP, epilog=LABEL_EXAMPLE)(label)
    group.command("rows", help=ROWS_HELP, epilog=ROWS_EXAMPLE)(rows)
    group.command("mutate", help=data_mutate.HELP, epilog=data_mutate.EXAMPLE)(data_mutate.mutate)
    group.command("changes", help=data_changes.HELP, epilog=data_changes.EXAMPLE)(
        data_changes.changes
    )
    group.command("check", help=data_check.HELP, epilog=data_check.EXAMPLE)(data_check.check)
    group.command("releases", help=data_releases.HELP, epilog=data_releases.EXAMPLE)(
        data_releases.releases
    )
    group.command("generate", help=data_generate.HELP, epilog=data_generate.EXAMPLE)(
        data_generate.generate
    )
    group.command("import", help=data_import.HELP, epilog=data_import.EXAMPLE)(
        data_import.import_answers
    )
    app.add_typer(group, name="data")


TASKS = Annotated[
    Path, typer.Argument(metavar="TASKS", help="File of tasks with tests, or a folder of them.")
]
CANDIDATES = Annotated[Path, typer.Argument(metavar="CANDIDATES", help="File of candidates.")]


def label(
    tasks: TASKS,
    candidates: CANDIDATES,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, .gz understood.")],
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Sandboxes that run at once.")
    ] = 1,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N tasks.")
    ] = None,
    lodash: Annotated[
        Path | None, typer.Option(metavar="FILE", help="lodash.js, which JavaScript tests need.")
    ] = None,
) -> None:
    """Label the candidates and say what came of it."""
    from bot.problems import CouldNotJudge, WrongUse, sentence_of
    from judge.train.label import LabelError, label_file
    from judge.train.sandbox import SandboxBroken, SandboxUnavailable
    from judge.train.tasks import BadRow
    from judge.train.toolchains import find_toolchains

    check_target(out, tasks, candidates)
    tools = find_toolchains(lodash=lodash)
    try:
        found = label_file(
            tasks,
            candidates,
            out,
            tools=tools,
            workers=workers,
            limit=limit,
            progress=show_progress("tasks"),
        )
    except (LabelError, BadRow, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal
    except (SandboxUnavailable, SandboxBroken) as refusal:
        raise CouldNotJudge(str(refusal)) from refusal
    for language, why in found.skipped_languages.items():
        sys.stdout.write(f"left out {language}: {why}\n")
    sys.stdout.write(f"{found.rows} candidates labelled in {out}\n")
    for title, counts in (("labels", found.labels), ("outcomes", found.outcomes)):
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        sys.stdout.write(f"{title}: {told or 'none'}\n")
    if found.dropped:
        told = ", ".join(f"{why} {count}" for why, count in found.dropped.items())
        sys.stdout.write(f"label not known: {told}\n")


def rows(
    tasks: TASKS,
    candidates: CANDIDATES,
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS", help="What `gavel data label` wrote for them.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to.")],
) -> None:
    """Write the rows of each split and say how many."""
    from bot.problems import WrongUse, sentence_of
    from judge.train.data import build_rows, write_data
    from judge.train.splits import Split, split_of
    from judge.train.tasks import BadRow, read_candidates, read_rows, read_tasks

    try:
        out.mkdir(parents=True, exist_ok=True)
        left_out: list[str] = []
        built = list(
            build_rows(
                read_tasks(tasks),
                read_candidates(candidates),
                read_rows(labels),
                left_out=left_out,
            )
        )
        for why in sorted(set(left_out)):
            sys.stderr.write(f"left out: {why}\n")
        for split in Split:
            chosen = [row for row in built if split_of(row.task_id) is split]
            count = write_data(out / f"{split.value}.jsonl.gz", chosen)
            right = sum(row.label for row in chosen)
            sys.stdout.write(f"{split.value}: {count} rows, {right} of them right\n")
    except (BadRow, OSError) as refusal:
        raise WrongUse(sentence_of(refusal)) from refusal

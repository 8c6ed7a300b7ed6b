"""The commands `gavel feedback export` and `history`: labels out, and labels in. They act."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Write what people and later history said of judged code as data rows.\n\n"
    "One row for each piece of code on which labels agree, with the weight by which they do. OUT "
    "ends in .jsonl or .jsonl.gz; `gavel train` takes it beside other rows. The rows hold code of "
    "your repositories: they stay where you put them."
)

HISTORY_HELP = (
    "Learn from a clone what became of judged code: fixed, reverted or kept.\n\n"
    "Reads the history of HEAD, which is to be the base branch: a commit that says that it fixes, "
    "within DAYS of the review, and changes a judged line; a revert; or code that still stands "
    "after DAYS. Harmless when repeated: run it once a day."
)
LOOKS_BACK = 6  # times DAYS: reviews and commits that are older are left alone
HISTORY_EXAMPLE = "Example: gavel feedback history clones/rocket --repo octo/rocket"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="What people said of comments, as data.")
    group.command("export", help=HELP, epilog="Example: gavel feedback export feedback.jsonl.gz")(
        export
    )
    group.command("history", help=HISTORY_HELP, epilog=HISTORY_EXAMPLE)(history)
    group.callback()(feedback)
    app.add_typer(group, name="feedback")


def feedback() -> None:
    """What people said of comments, as data."""


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    least_weight: Annotated[
        float, typer.Option(min=0.0, metavar="X", help="Leave out what labels agree on by less.")
    ] = 0.5,
) -> None:
    """Read the database and write the rows."""
    from bot.commands.data_words import check_target
    from bot.commands.wiring import migrated_store, worker_settings
    from judge.train.manifest import write_jsonl
    from worker.store import training

    check_target(out)
    with migrated_store(worker_settings().database_url) as engine:
        count = write_jsonl(out, training.rows(engine, least_weight=least_weight))
    sys.stdout.write(f"{count} {'row' if count == 1 else 'rows'} written to {out}\n")


def history(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A clone, on its base branch.")],
    repo: Annotated[str, typer.Option(metavar="NAME", help="Its name on the forge.")],
    forge: Annotated[str, typer.Option(metavar="FORGE", help="github or gitlab.")] = "github",
    days: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="How long after a review a fix counts.")
    ] = 14,
) -> None:
    """Read the clone's history and keep what it shows."""
    from datetime import UTC, datetime, timedelta

    from bot.commands.wiring import migrated_store, worker_settings
    from bot.past import commits, file_at_head
    from worker.feedback import Feedback
    from worker.feedback_history import shown
    from worker.store import feedback as signals
    from worker.store import learning, training

    now, within = datetime.now(UTC), timedelta(days=days)
    since = now - LOOKS_BACK * within
    with migrated_store(worker_settings().database_url) as engine:
        later, kept = commits(path, since=since), 0
        for one in training.published(engine, forge=forge, repo=repo, since=since):
            text = file_at_head(path, one.snippet.path)
            found = shown(one, later, text, within=within, now=now)
            if found is not None:
                name = one.snippet.fingerprint
                delivery = f"history:{repo}:{name}:{found[0].value}"[-200:]
                given = Feedback(forge, delivery, repo, one.number, name, found[0], reason=found[1])
                kept += signals.record(engine, given, now=now)
        learning.relearn(engine, forge=forge, repo=repo, now=now)
    sys.stdout.write(f"{kept} new {'signal' if kept == 1 else 'signals'} from {repo}\n")

"""The command `gavel action`: a review as a step of GitHub Actions. Acts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.wiring import MODEL_HELP, LazyJudge, OpenJudge, open_judge, worker_settings

HELP = (
    "Be a step of GitHub Actions; `action.yml` runs it.\n\n"
    "Judges the pull request of the event through the forge and posts the review where "
    "GAVEL_GITHUB_TOKEN may write; else, or for other events, judges the checkout and makes "
    "annotations. Writes the run's summary, outputs and SARIF. Exits with 1 where the gate blocks, "
    "and with 3 where nothing could be judged and the rules ask for a person."
)
EXAMPLE = "Example: gavel action --sarif gavel.sarif"


def register(app: typer.Typer, *, judge_of: OpenJudge = open_judge) -> None:
    """Add the command to the command line. `judge_of` opens the judge to use."""

    @app.command("action", help=HELP, epilog=EXAMPLE)
    def action(
        base: Annotated[
            str, typer.Option(metavar="REV", help="Compare with this where the event names none.")
        ] = "",
        sarif: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Write the review as SARIF, too.")
        ] = None,
        model: Annotated[str, typer.Option(metavar="NAME", help=MODEL_HELP)] = "",
    ) -> None:
        from bot.action import Runner, run
        from worker.forges.open import open_forge

        runner = Runner.of(os.environ)
        settings = worker_settings()
        has_token = bool(settings.github_token and settings.github_token.get_secret_value())
        forge = open_forge("github", settings, installation_id=None) if has_token else None
        judge = LazyJudge(lambda: judge_of(model, ""))
        raise typer.Exit(run(runner, forge=forge, judge=judge, base=base, sarif=sarif))

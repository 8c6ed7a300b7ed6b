"""The command `gavel review`: judge local changes and say whether the gate blocks. Acts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.score import progress
from bot.commands.wiring import METHODS_HELP, MODEL_HELP, LazyJudge, OpenJudge, open_judge
from bot.problems import Code, WrongUse
from judge.types import Example, Judge, Verdict
from worker.purpose import purpose
from worker.types import Assessment, Conclusion

REVIEW_HELP = (
    "Judge the changes of a local repository.\n\n"
    "Without options: the working tree, new files included, against HEAD. Findings come worst "
    "first, with their code. The rules are those of `.gavel.toml` at the base, not in the working "
    'tree. Exits with 1 only when the rules say `gate = "block"` and there is a finding, with 3 '
    "when there is code and none of it could be judged."
)
REVIEW_EXAMPLE = (
    "Examples: gavel review  ·  gavel review --base origin/main  ·  "
    "git show | gavel review --diff - --format sarif"
)
STANDARD = "-"
BATCH = 4  # snippets between two moves of the bar
CODE = {Conclusion.FAILED: Code.BLOCKED, Conclusion.NOT_JUDGED: Code.COULD_NOT_JUDGE}


class Format(StrEnum):
    """How the review is printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    CODEQUALITY = "codequality"
    GITHUB = "github"


def register(app: typer.Typer, *, judge_of: OpenJudge = open_judge) -> None:
    """Add the command to the command line. `judge_of` opens the judge to use."""

    @app.command("review", help=REVIEW_HELP, epilog=REVIEW_EXAMPLE)
    def review(
        folder: Annotated[
            Path, typer.Argument(metavar="PATH", help="A folder of the repository.")
        ] = Path(),
        base: Annotated[
            str | None,
            typer.Option(metavar="REV", help="Judge what came since HEAD left REV."),
        ] = None,
        diff: Annotated[
            str | None,
            typer.Option(metavar="FILE", help="Judge this unified diff; - for standard input."),
        ] = None,
        description: Annotated[
            str,
            typer.Option(metavar="TEXT", help="What the change is for, or a file that says it."),
        ] = "",
        form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
        model: Annotated[str, typer.Option(metavar="NAME", help=MODEL_HELP)] = "",
        method: Annotated[str, typer.Option(metavar="NAME", help=METHODS_HELP)] = "",
        threshold: Annotated[
            float | None,
            typer.Option(
                min=0.0, max=1.0, metavar="X", help="P(correct) below which code is a finding."
            ),
        ] = None,
    ) -> None:
        if base is not None and diff is not None:
            raise WrongUse("--base and --diff exclude each other: give one")
        judge = Shown(LazyJudge(lambda: judge_of(model, method)))
        prompt = purpose("", seen(read_description(description), folder))
        assessment = assessed(folder, base, diff, threshold, judge, prompt=prompt)
        show(assessment, form)
        raise typer.Exit(CODE.get(assessment.conclusion, Code.FINE))


class Shown:
    """A judge that shows how far it is on standard error, where that is a terminal."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def name(self) -> str:
        """Name and version, as written into verdicts."""
        return self._judge.name

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order."""
        if len(examples) < 2 or not sys.stderr.isatty():
            return self._judge.judge(examples)
        parts = (examples[start : start + BATCH] for start in range(0, len(examples), BATCH))
        answers = (verdict for part in parts for verdict in self._judge.judge(part))
        return list(progress(answers, total=len(examples)))


def assessed(
    folder: Path,
    base: str | None,
    diff: str | None,
    threshold: float | None,
    judge: Judge,
    *,
    prompt: str = "",
) -> Assessment:
    """The assessment of what the options name."""
    from bot import reviewing
    from bot.local import find

    if diff is None:
        return reviewing.review_tree(
            find(folder), base, threshold=threshold, judge=judge, prompt=prompt
        )
    return reviewing.review_diff(
        read_diff(diff), folder, threshold=threshold, judge=judge, prompt=prompt
    )


def read_description(given: str) -> str:
    """What the change is for: the text of the file that `given` names, or `given` itself."""
    try:
        return Path(given).read_text("utf-8", errors="replace")
    except (OSError, ValueError):
        return given


def seen(description: str, folder: Path) -> str:
    """`description` with what its pictures show, which lie in `folder`.

    Where no model that sees is set, it says on standard error that nobody looked.
    """
    from bot.commands.wiring import worker_settings
    from judge.diagrams import not_looked_at, pictures_in
    from judge.diagrams_look import Sight, look

    settings = worker_settings()
    key = settings.vision_api_key.get_secret_value() if settings.vision_api_key else ""
    sight = Sight(settings.vision_url, settings.vision_model, key) if settings.vision_url else None
    looked = look(pictures_in(description), below=folder, sight=sight)
    if looked.unseen:
        hint = "" if sight else " (GAVEL_VISION_URL sets a model that sees)"
        sys.stderr.write(f"{not_looked_at(looked.unseen).rstrip('.')}{hint}.\n")
    return f"{description}\n\n{looked.text}" if looked.text else description


def read_diff(source: str) -> str:
    """The text of a diff. Raises WrongUse."""
    try:
        content = sys.stdin.buffer.read() if source == STANDARD else Path(source).read_bytes()
    except OSError as error:
        raise WrongUse(f"cannot read {source}: {error.strerror}") from error
    return content.decode("utf-8", "replace")


def show(assessment: Assessment, form: Format) -> None:
    """Print an assessment; colours only where standard output is a terminal that wants them."""
    from rich.console import Console

    from bot import present

    if form is not Format.TEXT:
        sys.stdout.write(written(assessment, form) + "\n")
        return
    Console(soft_wrap=True, highlight=False, markup=False, emoji=False).print(
        present.as_text(assessment)
    )


def written(assessment: Assessment, form: Format) -> str:
    """The assessment in a form that programs read, without the last newline."""
    from functools import partial
    from importlib.metadata import version

    from bot import present
    from bot.formats.annotations import as_annotations
    from bot.formats.codequality import as_codequality
    from bot.formats.sarif import as_sarif

    forms: Mapping[Format, Callable[[Assessment], str]] = {
        Format.JSON: present.as_json,
        Format.SARIF: partial(as_sarif, version=version("gavel-bot")),
        Format.CODEQUALITY: as_codequality,
        Format.GITHUB: as_annotations,
    }
    return forms[form](assessment)

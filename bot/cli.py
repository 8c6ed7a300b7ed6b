"""The command `gavel`: composes the commands and ends each with a code and a sentence. Acts."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import typer
from typer.core import TyperGroup

from bot.commands import (
    action,
    admin,
    data,
    evaluate,
    feedback,
    gitlab,
    init,
    installation,
    rank,
    replay,
    review,
    score,
    serve,
    study,
    train,
    train_changes,
    up,
    weights,
)
from bot.commands.wiring import gavel_home
from bot.problems import Code, known

INTERRUPTED = 130  # what a shell reports for SIGINT: 128 + 2
CLOSED_PIPE = 141  # what a shell reports for SIGPIPE: 128 + 13
# One line per module of bot.commands, in the order of `gavel --help`.
COMMANDS: Sequence[Callable[[typer.Typer], None]] = (
    review.register,
    init.register,
    score.register,
    rank.register,
    weights.register,
    up.register,
    serve.register,
    installation.register,
    admin.register,
    replay.register,
    action.register,
    gitlab.register,
    feedback.register,
    data.register,
    train.register,
    train_changes.register,
    evaluate.register,
    study.register,
)


class Commands(TyperGroup):
    """The group of all commands. A reader that goes away (`gavel … | head`) ends them quietly."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command and write out what it printed."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _close_pipe()
        except SystemExit as end:
            # rich ends the process with 1, which is the gate's code, when its pipe is closed
            if isinstance(end.__context__, BrokenPipeError):
                _close_pipe()
            raise
        return result


def _close_pipe() -> NoReturn:
    """End as a shell would, with nothing left to write when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(CLOSED_PIPE) from None


def build() -> typer.Typer:
    """The whole command line, with every command registered."""
    app = typer.Typer(
        name="gavel",
        cls=Commands,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Say how likely new code is to be correct, with a small model on this machine.",
        epilog="Exit codes: 0 fine, 1 the gate blocks, 2 wrong use or configuration, "
        "3 could not judge.",
    )
    app.callback()(root)
    for register in COMMANDS:
        register(app)
    return app


def root() -> None:
    """Say how likely new code is to be correct, with a small model on this machine."""


def main() -> None:
    """Run `gavel` with the process's arguments and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack a letter, never a line
            stream.reconfigure(errors="backslashreplace")
    try:
        build()()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the outermost loop of this process
        sys.exit(explain(error, log=Path(gavel_home(), "logs", "gavel.log")))


def explain(error: Exception, *, log: Path) -> int:
    """Tell the user what went wrong in one sentence and return the exit code.

    A failure that has no sentence of its own is logged with its traceback to `log`.
    """
    problem = known(error)
    if problem is not None:
        sys.stderr.write(f"gavel: {problem.sentence}\n")
        return problem.code
    where = _log(error, log)
    sys.stderr.write(f"gavel: unexpected {type(error).__name__}, a fault of ours; {where}\n")
    return Code.COULD_NOT_JUDGE


def _log(error: Exception, log: Path) -> str:
    """Write the traceback to `log` and say where it is, or why it is nowhere."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, encoding="utf-8", errors="backslashreplace")
    except OSError as refusal:
        return f"its traceback could not be written to {log}: {refusal.strerror}"
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("gavel")
    logger.addHandler(handler)
    logger.propagate = False
    logger.error("unexpected failure", exc_info=error)
    logger.removeHandler(handler)
    handler.close()
    return f"the traceback is in {log}"

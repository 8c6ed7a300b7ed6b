"""The command `gavel init`: write a first `.gavel.toml`. Acts: asks, and writes one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from worker.repo_config import DEFAULT_RULES, RULES_FILE, Gate

HELP = (
    "Write the rules of a repository, `.gavel.toml`, from three questions.\n\n"
    "What an option answers is not asked, and nothing is asked where standard input is no "
    "terminal, or with --yes: the defaults answer then. A file that is there is never overwritten."
)
EXAMPLE = (
    "Examples: gavel init  ·  gavel init --gate block --threshold 0.2 --ignore 'dist/**' --yes"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("init", help=HELP, epilog=EXAMPLE)(init)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder of the repository.")
    ] = Path(),
    gate: Annotated[Gate | None, typer.Option(help="What a finding does.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, metavar="X", help="P(correct) below which code is one."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Files never to judge, as in .gitignore; repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Ask, write, and say what comes next."""
    from bot.local import find
    from bot.rules_file import Answers, patterns, text
    from worker.repo_config import parse_rules

    target = find(folder).root / RULES_FILE
    refuse_existing(target)
    asks = not yes and sys.stdin.isatty()
    answers = Answers(
        gate=gate or (ask_gate() if asks else DEFAULT_RULES.gate),
        threshold=threshold
        if threshold is not None
        else (ask_threshold() if asks else DEFAULT_RULES.threshold),
        ignore=tuple(ignore)
        if ignore
        else (patterns(typer.prompt(IGNORE, default="", show_default=False)) if asks else ()),
    )
    content = text(answers)
    parse_rules(content)  # RulesError names what is wrong with a pattern
    write(target, content)
    sys.stdout.write(
        f"{target} written: commit it to the base branch, which is where Gavel reads it; "
        "`gavel review` judges your changes now\n"
    )


GATE = "1 of 3. What does a finding do: off, shadow, advise or block"
THRESHOLD = "2 of 3. Below which P(correct) is code a finding, from 0 to 1"
IGNORE = "3 of 3. Which files are never judged, such as dist/** (empty: none)"


def ask_gate() -> Gate:
    """The gate that a person chooses."""
    while True:
        said = typer.prompt(GATE, default=DEFAULT_RULES.gate.value).strip().lower()
        if said in set(Gate):
            return Gate(said)
        sys.stdout.write(f"expected one of {', '.join(Gate)}\n")


def ask_threshold() -> float:
    """The threshold that a person chooses."""
    while True:
        said: float = typer.prompt(THRESHOLD, default=DEFAULT_RULES.threshold, type=float)
        if 0 <= said <= 1:
            return said
        sys.stdout.write("expected a number from 0 to 1\n")


def refuse_existing(target: Path) -> None:
    """Raise WrongUse where there is a file, or a link, of that name."""
    from bot.problems import WrongUse

    if target.exists() or target.is_symlink():
        raise WrongUse(
            f"{target} is there already and is left as it is: edit it, or remove it first"
        )


def write(target: Path, content: str) -> None:
    """Write a new file. Raises WrongUse, also where it came to be in the meantime."""
    from bot.problems import WrongUse

    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(content)
    except FileExistsError:
        refuse_existing(target)
    except OSError as error:
        raise WrongUse(f"cannot write {target}: {error.strerror}") from error

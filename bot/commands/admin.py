"""The command `gavel admin create`: somebody who signs in without a forge. It acts."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from bot.problems import WrongUse

HELP = (
    "Make a local admin of the dashboard, or give one a new password.\n\n"
    "The password is asked for twice, or read from standard input where that is no terminal. "
    "Only its hash is kept."
)
SHORTEST = 12
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Who may sign in without a forge.")
    group.command("create", help=HELP, epilog="Example: gavel admin create ada")(create)
    group.callback()(admin)
    app.add_typer(group, name="admin")


def admin() -> None:
    """Who may sign in without a forge."""


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, . _ and -.")],
) -> None:
    """Ask for a password and keep its hash."""
    from datetime import UTC, datetime

    from werkzeug.security import generate_password_hash

    from bot.commands.wiring import migrated_store
    from bot.dashboard.settings import load
    from worker.store import admins

    if not NAME.fullmatch(name):
        raise WrongUse(f"{name!r} is no name: use up to 64 letters, digits, '.', '_' and '-'")
    settings = load()
    password = _password()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with migrated_store(settings.database_url) as engine:
        is_new = admins.keep(engine, name, generate_password_hash(password), now=datetime.now(UTC))
    sys.stdout.write(f"{name} may sign in" + ("\n" if is_new else " with the new password\n"))


def _password() -> str:
    """The password, from the terminal or from standard input. Raises WrongUse."""
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        raise WrongUse(f"the password is too short: give at least {SHORTEST} characters")
    return password

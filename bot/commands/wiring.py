"""What the commands are given: settings from the environment, judges, repositories. Acts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.problems import WrongUse
from judge.types import Example, Judge, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from worker.desk import Desk
    from worker.settings import WorkerSettings

Port = Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")]
LOOPBACK = "127.0.0.1"
OpenJudge = Callable[[str, str], Judge]  # (model, method), "" for the settings' own
METHODS_HELP = "head (trained), yesno or logprob (neither trained). Default: GAVEL_METHOD or head."
MODEL_HELP = "A name that `gavel models` lists, or a folder. Default: GAVEL_MODEL or the project's."


def gavel_home() -> Path:
    """GAVEL_HOME, without the other settings: a broken setting must not hide its own report."""
    from worker.settings import default_home

    return Path(os.environ.get("GAVEL_HOME") or default_home()).expanduser()


def gavel_model() -> str:
    """GAVEL_MODEL, or the project's own model; the other settings are not read."""
    from judge.registry import DEFAULT_MODEL

    return os.environ.get("GAVEL_MODEL") or DEFAULT_MODEL


def worker_settings() -> WorkerSettings:
    """The settings in the environment. Raises WrongUse, which names the variable."""
    from pydantic import ValidationError

    from worker.settings import WorkerSettings

    try:
        return WorkerSettings()  # type: ignore[call-arg]  # read from the environment
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        variable = "GAVEL_" + "_".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        raise WrongUse(f"{variable}: {message[:1].lower()}{message[1:]}") from None
    except ValueError as error:  # of a default, such as a path too long for a socket
        raise WrongUse(str(error)) from None


def open_judge(model: str, method: str) -> Judge:
    """The judge of that name and method. Takes seconds. Raises WrongUse, and as `load_judge`."""
    from judge.registry import DEFAULT_MODEL
    from judge.score import METHODS, load_judge

    settings = worker_settings()
    chosen = method or settings.method
    if chosen not in METHODS:
        raise WrongUse(f"unknown method {chosen!r}: expected one of {', '.join(METHODS)}")
    name = model or settings.model or DEFAULT_MODEL
    home, longest = settings.home.expanduser(), settings.tokens_at_once
    return load_judge(name, home=home, method=chosen, longest=longest)


@contextmanager
def open_desk(settings: WorkerSettings) -> Iterator[Desk]:
    """What a stage of a review works with, for one command. Raises StoreError."""
    from worker.desk import Desk
    from worker.patience import Patience
    from worker.queue import make_app, send
    from worker.store.engine import open_engine

    engine = open_engine(settings.database_url)
    patience = Patience(
        lease_s=settings.lease_s,
        send_again_s=settings.send_again_s,
        max_attempts=settings.max_attempts,
    )
    app = make_app(settings.broker_url)
    try:
        yield Desk(engine, partial(send, app), lambda: datetime.now(UTC), patience)
    finally:
        engine.dispose()
        app.close()


@contextmanager
def open_store() -> Iterator[Engine]:
    """The database of the settings, for one command. Raises StoreError; CouldNotJudge where it
    cannot be used now."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.problems import CouldNotJudge
    from worker.store.engine import open_engine

    engine = open_engine(worker_settings().database_url)
    try:
        yield engine
    except SQLAlchemyError as failure:
        raise CouldNotJudge(
            "the database cannot be used: start `gavel up` or `gavel serve` once, which make the "
            "tables, and check GAVEL_DATABASE_URL"
        ) from failure
    finally:
        engine.dispose()


@contextmanager
def migrated_store(url: str) -> Iterator[Engine]:
    """The database at `url`, for one command, with the tables of this version; those of a newer
    Gavel are used as they are. Raises StoreError."""
    from worker.store.engine import open_engine
    from worker.store.migrate import upgrade_unless_newer

    upgrade_unless_newer(url)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


class LazyJudge:
    """A judge that is opened when there is something to judge: an empty change loads nothing."""

    def __init__(self, open_it: Callable[[], Judge]) -> None:
        self._open = open_it
        self._judge: Judge | None = None

    @property
    def name(self) -> str:
        """Name and version, as written into verdicts."""
        return self._opened().name

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order."""
        return self._opened().judge(examples) if examples else []

    def _opened(self) -> Judge:
        if self._judge is None:
            self._judge = self._open()
        return self._judge

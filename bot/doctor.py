"""Examine an installation: what works, what does not, and the remedy. Acts, but changes nothing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bot import redis_server
from bot.doctor_checks import Check, Status
from bot.doctor_forges import forges
from bot.problems import WrongUse
from judge import plugins
from judge.registry import DEFAULT_MODEL, PREPARED, UnknownModel, lookup, model_folder
from worker.settings import WorkerSettings, default_broker_url, socket_of

OLDEST_PYTHON = (3, 11)
BROKER_TIMEOUT_S = 3.0


def examine(environ: Mapping[str, str]) -> tuple[Check, ...]:
    """Every check, in the order in which one would set things up."""
    from bot.commands.wiring import worker_settings

    first = (_python(sys.version_info[:3]), _git())
    try:
        settings = worker_settings()
    except WrongUse as error:
        return (*first, Check("settings", Status.PROBLEM, str(error), "correct that variable"))
    return (*first, *(check(settings) for check in CHECKS), *forges(settings, environ))


def _python(version: tuple[int, int, int]) -> Check:
    said = f"Python {'.'.join(map(str, version))}"
    if version[:2] >= OLDEST_PYTHON:
        return Check("python", Status.OK, said)
    return Check("python", Status.PROBLEM, said, "install Python 3.11 or newer, then `make setup`")


def _git() -> Check:
    git = shutil.which("git")
    if git is None:
        return Check(
            "git", Status.PROBLEM, "there is no git on the path",
            "install git; `gavel review` reads local changes with it",
        )  # fmt: skip
    done = subprocess.run([git, "--version"], capture_output=True, text=True, timeout=20)  # noqa: S603
    return Check("git", Status.OK, done.stdout.strip() or git)


def _weights(settings: WorkerSettings) -> Check:
    name = settings.model or DEFAULT_MODEL
    try:
        model = lookup(name)
    except UnknownModel as error:
        if Path(name).is_dir():
            return Check("model file", Status.OK, f"{name} is a folder of your own: not verified")
        if name in plugins.names(plugins.JUDGES):
            return Check("model file", Status.OK, f"{name} is the judge of a plug-in")
        return Check("model file", Status.PROBLEM, str(error), "correct GAVEL_MODEL")
    path = model_folder(settings.home.expanduser(), name) / model.file
    remedy = f"run `gavel pull {name}`; reviews wait for it"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return Check("model file", Status.PROBLEM, f"{path}: {error.strerror}", remedy)
    if digest != model.sha256:
        return Check(
            "model file", Status.PROBLEM, f"{path} has SHA-256 {digest}, not {model.sha256}",
            f"remove it, then run `gavel pull {name}`",
        )  # fmt: skip
    return Check("model file", Status.OK, f"{name}, SHA-256 {digest[:12]}… as registered")


def _prepared(settings: WorkerSettings) -> Check:
    name = settings.model or DEFAULT_MODEL
    if Path(name).is_dir():
        return Check("weights cache", Status.OK, f"{name} is read directly")
    try:
        folder = model_folder(settings.home.expanduser(), lookup(name).name) / PREPARED
    except UnknownModel:
        return Check("weights cache", Status.UNSET, "the model is not known")
    if (folder / "config.json").is_file() and any(folder.glob("*.safetensors")):
        return Check("weights cache", Status.OK, str(folder))
    return Check("weights cache", Status.PROBLEM, f"{folder} is missing or not complete",
                 f"run `gavel pull {name}`; reviews wait for it")  # fmt: skip


def _broker(settings: WorkerSettings) -> Check:
    is_embedded = settings.broker_url == default_broker_url(settings.home)
    socket = socket_of(settings.broker_url)
    if is_embedded and socket is not None and not socket.exists():
        try:
            server = redis_server.find_server()
        except WrongUse as error:
            return Check("broker", Status.PROBLEM, "there is no Redis server", str(error))
        return Check("broker", Status.OK, f"`gavel up` will start {server}")
    from kombu.connection import Connection
    from kombu.exceptions import OperationalError

    options = {"socket_connect_timeout": BROKER_TIMEOUT_S, "socket_timeout": BROKER_TIMEOUT_S}
    try:
        with Connection(  # type: ignore[no-untyped-call]
            settings.broker_url, connect_timeout=BROKER_TIMEOUT_S, transport_options=options
        ) as connection:
            connection.ensure_connection(
                max_retries=1, timeout=BROKER_TIMEOUT_S, reraise_as_library_errors=True
            )
    except (OperationalError, OSError, KeyError, ValueError) as error:
        remedy = (
            "it may be left over from a `gavel up` that was killed: start `gavel up` again"
            if is_embedded
            else "check that the broker runs and that GAVEL_BROKER_URL names it"
        )
        return Check(
            "broker", Status.PROBLEM, f"it does not answer ({type(error).__name__})", remedy
        )
    return Check("broker", Status.OK, f"answers{f' on {socket}' if socket else ''}")


def _database(settings: WorkerSettings) -> Check:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from worker.store.engine import StoreError, open_engine
    from worker.store.migrate import is_current, is_of_newer

    try:
        url = make_url(settings.database_url)
        shown = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            return Check("database", Status.OK, f"`gavel up` will create {shown}")
        engine = open_engine(settings.database_url)
        with ExitStack() as ending:
            ending.callback(engine.dispose)
            if is_current(engine):
                return Check("database", Status.OK, f"{shown}, tables of this version")
            if is_of_newer(engine):
                return Check("database", Status.OK, f"{shown}, tables of a newer version")
    except (StoreError, ArgumentError) as error:
        return Check("database", Status.PROBLEM, str(error), "correct GAVEL_DATABASE_URL")
    except DBAPIError as error:
        return Check("database", Status.PROBLEM, f"it cannot be opened ({error.orig})",
                     "check that it runs, and GAVEL_DATABASE_URL")  # fmt: skip
    return Check("database", Status.PROBLEM, f"{shown} has not the tables of this version",
                 "start `gavel up` or `gavel serve`: both migrate it first")  # fmt: skip


CHECKS: Sequence[Callable[[WorkerSettings], Check]] = (_weights, _prepared, _broker, _database)

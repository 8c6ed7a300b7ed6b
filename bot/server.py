"""Settings of gunicorn for the receiver, as `--config python:bot.server`. Acts in its hooks."""

from __future__ import annotations

import os
import sys
from typing import Protocol

from bot.settings import BotSettings, SettingsError, load
from worker import metrics_home

WRONG_CONFIGURATION = 2


class Process(Protocol):
    """A process of the receiver, as gunicorn shows it."""

    pid: int


bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1  # of SQLite there is one writer: more processes only wait for each other
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 5
accesslog = None  # the receiver logs each delivery once, with its id
loglevel = "warning"
control_socket_disable = True


def default_workers(database_url: str, cores: int) -> int:
    """Processes of the receiver: one on SQLite; else one for each core, from two to four.

    The deliveries of one process share transactions: more processes than cores share less.
    """
    return max(2, min(cores, 4)) if database_url.startswith("postgresql") else 1


def _settings() -> BotSettings | None:
    """The settings, or None where they are wrong: on_starting says so."""
    try:
        return load()
    except SettingsError:
        return None


_found = _settings()
if _found is not None:
    workers = _found.receivers or default_workers(_found.database_url, os.cpu_count() or 1)
    metrics_home.make(_found.metrics_port)  # before anything that counts is imported


def on_starting(server: object) -> None:
    """Refuse to start at all, instead of once per process, on a wrong configuration."""
    try:
        load()
    except SettingsError as problem:
        sys.stderr.write(f"gavel: {problem}\n")
        sys.exit(WRONG_CONFIGURATION)


def when_ready(server: object) -> None:
    """Show the counts of all processes of the receiver, where that is asked for."""
    if _found is not None and _found.metrics_port:
        from worker.metrics_server import serve

        serve(_found.metrics_host, _found.metrics_port, database_url=_found.database_url)


def child_exit(server: object, worker: Process) -> None:
    """Forget the gauges of a process that ended; its counts stay."""
    if _found is not None and _found.metrics_port:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]

"""Settings of gunicorn for the receiver, as `--config python:bot.server`. Acts in its hooks."""

from __future__ import annotations

import sys

from bot.settings import SettingsError, load

WRONG_CONFIGURATION = 2

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1  # one writer per database: more processes only wait for each other
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 5
accesslog = None  # the receiver logs each delivery once, with its id
loglevel = "warning"
control_socket_disable = True


def on_starting(server: object) -> None:
    """Refuse to start at all, instead of once per process, on a wrong configuration."""
    try:
        load()
    except SettingsError as problem:
        sys.stderr.write(f"gavel: {problem}\n")
        sys.exit(WRONG_CONFIGURATION)

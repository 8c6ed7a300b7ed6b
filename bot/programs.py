"""Decide what `gavel up` runs, and what each process may know. No I/O."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.processes import Program

# What may hold a secret, ours or anybody's: the workers read text that strangers wrote.
SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|APP_ID|COOKIE|^SSH_AUTH_SOCK$"
)
WEBHOOK_SECRET = re.compile(r"GAVEL_[A-Z]+_WEBHOOK_SECRET(?:_FILE)?")
SIGN_IN = re.compile(r"GAVEL_(?:DASHBOARD|[A-Z]+_OAUTH)_SECRET(?:_FILE)?")
FORGE_TOKEN = re.compile(r"GAVEL_[A-Z]+_(?:TOKEN|APP_ID|PRIVATE_KEY)(?:_FILE)?")
NO_SECRET = re.compile(r"(?!)")
MAY_HOLD: Mapping[str, re.Pattern[str]] = {
    "receiver": re.compile(f"{WEBHOOK_SECRET.pattern}|{SIGN_IN.pattern}"),
    "io": FORGE_TOKEN,
    "gpu": NO_SECRET,
    "beat": NO_SECRET,
}
METRICS_ORDER = ("receiver", "io", "gpu", "beat")
REDIS_NEEDS = ("PATH", "LANG", "TZ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one `gavel up` works.

    home     weights
    state    logs and the lock of this run; the home, but for a demo
    socket   where the embedded Redis listens, or None where the broker runs elsewhere
    """

    home: Path
    state: Path
    database_url: str
    broker_url: str
    socket: Path | None
    host: str
    port: int

    @property
    def logs(self) -> Path:
        """Folder of the programs' logs."""
        return self.state / "logs"

    @property
    def address(self) -> str:
        """The receiver's base URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def private_place(home: Path, state: Path, *, port: int) -> Place:
    """A place on the loopback address that shares nothing with another but the weights."""
    return Place(
        home=home,
        state=state,
        database_url=f"sqlite:///{state / 'gavel.sqlite'}",
        broker_url=f"redis+socket://{state / 'redis.sock'}",
        socket=state / "redis.sock",
        host="127.0.0.1",
        port=port,
    )


def private_environment(
    given: Mapping[str, str], *, url: str, token: str, secret: str
) -> dict[str, str]:
    """`given` with the GitHub at `url`, less what points to other forges and to other state."""
    others = ("GAVEL_GITHUB_", "GAVEL_GITLAB_", "GAVEL_DATABASE_", "GAVEL_BROKER_")
    kept = {name: value for name, value in given.items() if not name.startswith(others)}
    return kept | {
        "GAVEL_GITHUB_URL": url,
        "GAVEL_GITHUB_TOKEN": token,
        "GAVEL_GITHUB_WEBHOOK_SECRET": secret,
    }


def environment(role: str, given: Mapping[str, str], place: Place) -> dict[str, str]:
    """The environment of a process: what was given, less every secret that is not its own."""
    own = MAY_HOLD[role]
    kept = {
        name: value
        for name, value in given.items()
        if own.fullmatch(name) or not SECRET.search(name.upper())
    }
    return {**kept, **_metrics_port(role, given)} | {
        "GAVEL_HOME": str(place.home),
        "GAVEL_DATABASE_URL": place.database_url,
        "GAVEL_BROKER_URL": place.broker_url,
        "PYTHONUNBUFFERED": "1",
    }


def _metrics_port(role: str, given: Mapping[str, str]) -> dict[str, str]:
    """Each service of this machine has a port of its own, from the given one on."""
    port = given.get("GAVEL_METRICS_PORT", "")
    if not port.isdecimal() or port == "0":
        return {}
    return {"GAVEL_METRICS_PORT": str(int(port) + METRICS_ORDER.index(role))}


def redis(arguments: tuple[str, ...], given: Mapping[str, str]) -> Program:
    """The embedded broker, which needs nothing of the environment."""
    return Program("redis", arguments, {n: given[n] for n in REDIS_NEEDS if n in given})


def services(given: Mapping[str, str], place: Place) -> tuple[Program, ...]:
    """The receiver, the two workers and the sweep's clock, in the order of their start."""
    return (
        _worker("gpu", given, place),
        _worker("io", given, place),
        _worker("beat", given, place),
        Program(
            "receiver",
            (
                sys.executable,
                "-P",
                "-m",
                "gunicorn",
                "--config=python:bot.server",
                f"--bind={place.address.removeprefix('http://')}",
                "bot.app:from_environment()",
            ),
            environment("receiver", given, place),
        ),
    )


def _worker(role: str, given: Mapping[str, str], place: Place) -> Program:
    return Program(
        role,
        (sys.executable, "-P", "-c", "from bot.cli import main; main()", "worker", role),
        environment(role, given, place),
    )

"""Acts: keeps who is signed in, in this process's memory, and the key that signs cookies.

A cookie holds a random name and nothing else. Sessions end with the process, after `LASTS_S`,
and when a forge's answer about permissions is older than that.
"""

from __future__ import annotations

import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from bot.dashboard.access import Viewer

LASTS_S = 8 * 3600.0
FORGE_LASTS_S = 1800.0  # permissions on a forge may change: ask again
MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's session, with the token that every form of theirs carries."""

    viewer: Viewer
    csrf: str
    ends_at: float


@dataclass
class Sessions:
    """The sessions of one process. Safe to use from many threads."""

    clock: Callable[[], float] = time.monotonic
    _open: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def start(self, viewer: Viewer) -> str:
        """Open a session and return its name; the oldest goes where there are too many."""
        name = secrets.token_urlsafe(32)
        lasts_s = FORGE_LASTS_S if viewer.forge else LASTS_S
        session = Session(viewer, secrets.token_urlsafe(32), self.clock() + lasts_s)
        with self._lock:
            self._open[name] = session
            while len(self._open) > MOST_SESSIONS:
                self._open.popitem(last=False)
        return name

    def find(self, name: str) -> Session | None:
        """The session of that name, or None where there is none any more."""
        with self._lock:
            session = self._open.get(name)
            if session is not None and session.ends_at <= self.clock():
                del self._open[name]
                return None
            return session

    def end(self, name: str) -> None:
        """Close a session; harmless where there is none."""
        with self._lock:
            self._open.pop(name, None)


def key_in(home: Path) -> str:
    """The key that signs cookies, made at the first call and readable by this user alone."""
    path = home.expanduser() / "dashboard.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # made before, or by another process just now
    return path.read_text(encoding="ascii").strip()

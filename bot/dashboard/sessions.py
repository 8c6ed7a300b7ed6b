"""Acts: keeps who is signed in, where every receiver finds it, and the key that signs cookies.

A cookie holds a random name, and the table its hash, who that is and what they may see: no token
of a forge. Sessions of a forge are short, since permissions there may change.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from bot.dashboard.access import Role, Viewer
from worker.store.engine import reading, writing
from worker.store.page_tables import sessions

LASTS = timedelta(hours=8)
FORGE_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's session, with the token that every form of theirs carries."""

    viewer: Viewer
    csrf: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of an installation. `clock` gives aware times."""

    engine: Engine
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def start(self, viewer: Viewer) -> str:
        """Open a session and return its name; those that have ended go."""
        name, now = secrets.token_urlsafe(32), self.clock()
        values = {
            "name_hash": _hash(name),
            "viewer": _told(viewer),
            "csrf": secrets.token_urlsafe(32),
            "ends_at": now + (FORGE_LASTS if viewer.forge else LASTS),
        }
        with writing(self.engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.ends_at <= now))
            connection.execute(insert(sessions).values(**values))
        return name

    def find(self, name: str) -> Session | None:
        """The session of that name, or None where there is none any more."""
        if not name:
            return None
        query = select(sessions.c.viewer, sessions.c.csrf).where(
            sessions.c.name_hash == _hash(name), sessions.c.ends_at > self.clock()
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Session(_viewer(row.viewer), row.csrf)

    def end(self, name: str) -> None:
        """Close a session; harmless where there is none."""
        with writing(self.engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.name_hash == _hash(name)))


def key_in(home: Path) -> str:
    """The key that signs cookies, made at the first call and readable by this user alone."""
    path = home.expanduser() / "dashboard.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        mine = path.with_name(f"dashboard.key.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(mine, path)  # whole, or not at all: another process may do the same now
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text(encoding="ascii").strip()


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _told(viewer: Viewer) -> str:
    roles = {repo: int(role) for repo, role in viewer.roles.items()}
    return json.dumps([viewer.name, viewer.forge, roles, viewer.is_admin])


def _viewer(told: str) -> Viewer:
    name, forge, roles, is_admin = json.loads(told)
    known = {str(repo): Role(role) for repo, role in roles.items()}
    return Viewer(str(name), str(forge), known, is_admin=bool(is_admin))

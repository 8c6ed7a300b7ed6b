"""Acts: keeps who may sign in to the dashboard without a forge."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from worker.store.engine import reading, writing
from worker.store.page_tables import admins


def keep(engine: Engine, name: str, password_hash: str, *, now: datetime) -> bool:
    """Keep an admin, or give one a new password; False where the name was known before."""
    with writing(engine) as connection:
        done = connection.execute(delete(admins).where(admins.c.name == name))
        connection.execute(
            insert(admins).values(name=name, password_hash=password_hash, created_at=now)
        )
        return done.rowcount == 0


def password_hash(engine: Engine, name: str) -> str | None:
    """The hash of an admin's password, or None where there is no such admin."""
    with reading(engine) as connection:
        return connection.execute(
            select(admins.c.password_hash).where(admins.c.name == name)
        ).scalar_one_or_none()


def is_any(engine: Engine) -> bool:
    """Whether there is an admin at all."""
    with reading(engine) as connection:
        return connection.execute(select(admins.c.name).limit(1)).first() is not None

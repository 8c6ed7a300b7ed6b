"""Acts: says which repositories are known, and queues heads that have no review."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, select

from worker.jobs import ChangeRef
from worker.store.deliveries import Recorded, want
from worker.store.engine import reading, writing
from worker.store.tables import reviews

MOST = 5000  # repositories that are asked about at once


def known_repositories(
    engine: Engine, forge: str, *, since: datetime
) -> list[tuple[str, int | None]]:
    """Repositories with a review that was touched since then, and the installations that they
    came by last; of more than MOST, those whose latest review is the newest."""
    latest = (
        select(func.max(reviews.c.id))
        .where(reviews.c.forge == forge, reviews.c.updated_at >= since)
        .group_by(reviews.c.repo)
        .order_by(func.max(reviews.c.id).desc())
        .limit(MOST)
    )
    wanted = select(reviews.c.repo, reviews.c.installation_id).where(reviews.c.id.in_(latest))
    with reading(engine) as connection:
        found = {row.repo: row.installation_id for row in connection.execute(wanted)}
    return sorted(found.items())


def want_if_new(
    engine: Engine, change: ChangeRef, *, installation_id: int | None, now: datetime
) -> Recorded | None:
    """Queue a review of a head that has none; None where it has one, however that ended."""
    with writing(engine) as connection:
        known = connection.execute(
            select(reviews.c.id).where(reviews.c.key == change.key)
        ).scalar_one_or_none()
        if known is not None:
            return None
        return want(connection, change, installation_id=installation_id, now=now)

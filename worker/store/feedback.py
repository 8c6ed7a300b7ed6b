"""Acts: keeps what people said of our comments, one row per delivery."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, select, update

from worker.feedback import Feedback, Signal
from worker.jobs import NAME_LETTERS
from worker.store.engine import insert_if_new, reading, writing
from worker.store.tables import feedback, reviews, snippets

__all__ = [
    "About",
    "Feedback",
    "Kept",
    "Signal",
    "about",
    "get",
    "of_repo",
    "page",
    "record",
    "set_person_undone",
    "set_undone",
    "subjects",
]
AT_ONCE = 400  # fingerprints in one query: SQLite takes no more than 999 parameters everywhere
MOST = 5_000  # newest signals of a repository that are learnt from


@dataclass(frozen=True, slots=True)
class Kept:
    """A signal as it is kept.

    undone_by  who took it back, "" where it counts
    """

    id: int
    given: Feedback
    received_at: datetime
    undone_by: str = ""
    undone_at: datetime | None = None


def record(engine: Engine, given: Feedback, *, now: datetime) -> bool:
    """Keep a signal; False for a delivery that is kept already."""
    values = {
        "forge": given.forge,
        "delivery_id": given.delivery_id,
        "repo": given.repo,
        "number": given.number,
        "fingerprint": given.fingerprint,
        "signal": given.signal.value,
        "author": given.author[:NAME_LETTERS],
        "is_own": given.is_own,
        "reason": given.reason,
        "received_at": now,
    }
    with writing(engine) as connection:
        return insert_if_new(connection, feedback, values) is not None


def about(
    engine: Engine, fingerprints: Collection[str], *, forge: str, repo: str
) -> dict[str, list[Feedback]]:
    """Fingerprint -> every signal about a snippet of a repository, the oldest first.

    What was taken back is not among them, and snippets without any are not in it. The same code
    elsewhere has no part in it: who may see this repository may not see what is said there.
    """
    wanted = sorted(fingerprints)
    found: dict[str, list[Feedback]] = {}
    query = (
        select(feedback)
        .where(
            feedback.c.forge == forge,
            feedback.c.repo == repo,
            feedback.c.undone_at.is_(None),
        )
        .order_by(feedback.c.id)
    )
    with reading(engine) as connection:
        for start in range(0, len(wanted), AT_ONCE):
            some = feedback.c.fingerprint.in_(wanted[start : start + AT_ONCE])
            for row in connection.execute(query.where(some)):
                found.setdefault(row.fingerprint, []).append(_kept(row).given)
    return found


def of_repo(engine: Engine, *, forge: str, repo: str) -> list[Feedback]:
    """The newest `MOST` signals of a repository that count, the oldest of them first."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(feedback)
            .where(
                feedback.c.forge == forge,
                feedback.c.repo == repo,
                feedback.c.undone_at.is_(None),
            )
            .order_by(feedback.c.id.desc())
            .limit(MOST)
        )
        return [_kept(row).given for row in rows][::-1]


def page(
    engine: Engine, *, before: int | None, limit: int, forge: str = "", repo: str = ""
) -> list[Kept]:
    """At most `limit` signals, the newest first, with ids below `before`; undone ones too."""
    query = select(feedback).order_by(feedback.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(feedback.c.id < before)
    if repo:
        query = query.where(feedback.c.forge == forge, feedback.c.repo == repo)
    with reading(engine) as connection:
        return [_kept(row) for row in connection.execute(query)]


def get(engine: Engine, feedback_id: int) -> Kept | None:
    """The signal with that id, or None."""
    with reading(engine) as connection:
        row = connection.execute(select(feedback).where(feedback.c.id == feedback_id)).one_or_none()
        return None if row is None else _kept(row)


def set_undone(
    engine: Engine, feedback_id: int, *, by: str, now: datetime, is_undone: bool = True
) -> bool:
    """Take a signal back, or let it count again; False where it was so already."""
    is_other = feedback.c.undone_at.is_(None) if is_undone else feedback.c.undone_at.is_not(None)
    values = {"undone_at": now, "undone_by": by} if is_undone else {"undone_at": None}
    with writing(engine) as connection:
        done = connection.execute(
            update(feedback).where(feedback.c.id == feedback_id, is_other).values(**values)
        )
        return done.rowcount == 1


def set_person_undone(
    engine: Engine, author: str, *, forge: str, repo: str, by: str, now: datetime
) -> int:
    """Take back whatever one person said in a repository; returns how many signals that were."""
    with writing(engine) as connection:
        return connection.execute(
            update(feedback)
            .where(
                feedback.c.forge == forge,
                feedback.c.repo == repo,
                feedback.c.author == author,
                feedback.c.undone_at.is_(None),
            )
            .values(undone_at=now, undone_by=by)
        ).rowcount


def _kept(row: Row[*tuple[object, ...]]) -> Kept:
    given = Feedback(
        forge=row.forge,
        delivery_id=row.delivery_id,
        repo=row.repo,
        number=row.number,
        fingerprint=row.fingerprint,
        signal=Signal(row.signal),
        author=row.author,
        is_own=row.is_own,
        reason=row.reason,
    )
    return Kept(
        row.id,
        given,
        row.received_at,
        row.undone_by if row.undone_at is not None else "",
        row.undone_at,
    )


@dataclass(frozen=True, slots=True)
class About:
    """The snippet that a signal is about, as it was last judged."""

    review_id: int
    path: str
    name: str
    p_correct: float | None


def subjects(engine: Engine, given: Collection[Feedback]) -> dict[tuple[str, str, str], About]:
    """(forge, repo, fingerprint) -> the snippet that signals are about; only few at a time."""
    query = (
        select(
            reviews.c.forge,
            reviews.c.repo,
            snippets.c.fingerprint,
            snippets.c.review_id,
            snippets.c.path,
            snippets.c.name,
            snippets.c.p_correct,
        )
        .join(reviews, reviews.c.id == snippets.c.review_id)
        .where(snippets.c.fingerprint.in_(sorted({one.fingerprint for one in given})))
        .order_by(snippets.c.review_id)
    )
    wanted = {(one.forge, one.repo) for one in given}
    with reading(engine) as connection:
        return {
            (forge, repo, name): About(*rest)
            for forge, repo, name, *rest in connection.execute(query)
            if (forge, repo) in wanted
        }

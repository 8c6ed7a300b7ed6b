"""Acts: keeps what a review has to say besides its verdicts, rules that worked, and pauses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, delete, select

from worker.agents import Authorship
from worker.jobs import ChangeRef
from worker.noted import Notes
from worker.store.engine import INSERT, reading, writing
from worker.store.talk_tables import good_rules, pauses, review_notes


def save(engine: Engine, review_id: int, notes: Notes) -> None:
    """Keep the notes of a review; later ones take the place of earlier ones."""
    wrote = notes.agents.fingerprints
    values = {
        "rules_problem": notes.rules_problem,
        "agents": notes.agents.names,
        "author": notes.author[:200],
        "by_agents": None if wrote is None else tuple(sorted(wrote)),
    }
    with writing(engine) as connection:
        connection.execute(delete(review_notes).where(review_notes.c.review_id == review_id))
        connection.execute(review_notes.insert().values(review_id=review_id, **values))


def of_review(engine: Engine, review_id: int) -> Notes:
    """The notes of a review; empty ones where there are none."""
    with reading(engine) as connection:
        row = connection.execute(
            select(review_notes).where(review_notes.c.review_id == review_id)
        ).one_or_none()
        if row is None:
            return Notes()
        wrote = None if row.by_agents is None else frozenset(row.by_agents)
        return Notes(row.rules_problem, row.author, Authorship(row.agents, wrote))


def keep_rules(engine: Engine, change: ChangeRef, text: str, *, now: datetime) -> None:
    """Keep the text of rules of a repository that could be read."""
    values = {"text": text, "updated_at": now}
    with writing(engine) as connection:
        connection.execute(
            INSERT[connection.dialect.name](good_rules)
            .values(forge=change.forge, repo=change.repo, **values)
            .on_conflict_do_update(index_elements=["forge", "repo"], set_=values)
        )


def kept_rules(engine: Engine, change: ChangeRef) -> str | None:
    """The last rules of a repository that could be read, or None."""
    with reading(engine) as connection:
        return connection.execute(
            select(good_rules.c.text).where(
                good_rules.c.forge == change.forge, good_rules.c.repo == change.repo
            )
        ).scalar_one_or_none()


def pause(engine: Engine, change: ChangeRef, *, author: str, now: datetime) -> None:
    """Review no further heads of a change until it is resumed."""
    values = {
        "forge": change.forge,
        "repo": change.repo,
        "number": change.number,
        "author": author,
        "since": now,
    }
    with writing(engine) as connection:
        insert = INSERT[connection.dialect.name](pauses).values(**values)
        connection.execute(insert.on_conflict_do_nothing())


def resume(engine: Engine, change: ChangeRef) -> bool:
    """End the pause of a change; False where there was none."""
    with writing(engine) as connection:
        return connection.execute(delete(pauses).where(_of(change))).rowcount > 0


def is_paused(engine: Engine, change: ChangeRef) -> bool:
    """Whether somebody paused the reviews of a change."""
    with reading(engine) as connection:
        return connection.execute(select(pauses.c.since).where(_of(change))).first() is not None


def _of(change: ChangeRef) -> ColumnElement[bool]:
    return and_(
        pauses.c.forge == change.forge,
        pauses.c.repo == change.repo,
        pauses.c.number == change.number,
    )

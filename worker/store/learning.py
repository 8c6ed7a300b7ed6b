"""Acts: keeps what a repository's labels made of a judge's probabilities, and applies it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select

from judge.shrink import Adjustment
from judge.types import Verdict
from worker.feedback import Feedback, Learnt, labels, learn
from worker.store import feedback
from worker.store.engine import one_at_a_time, reading, writing
from worker.store.page_tables import adjustments
from worker.store.tables import reviews, snippets

AT_ONCE = 400  # fingerprints in one query: SQLite takes no more than 999 parameters everywhere


@dataclass(frozen=True, slots=True)
class Taught:
    """What a repository taught about one judge, and when."""

    model: str
    learnt: Learnt
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What a judge said of a snippet, by its global calibration."""

    fingerprint: str
    model: str
    p: float


def record(engine: Engine, given: Feedback, *, now: datetime) -> bool:
    """Keep a signal and learn from it at once; False for a delivery that is kept already."""
    if not feedback.record(engine, given, now=now):
        return False
    relearn(engine, forge=given.forge, repo=given.repo, now=now)
    return True


def relearn(engine: Engine, *, forge: str, repo: str, now: datetime) -> list[Taught]:
    """Learn again from every signal of a repository that counts, for every judge it met."""
    known = labels(feedback.of_repo(engine, forge=forge, repo=repo))
    found = seen(engine, {one.fingerprint for one in known}, forge=forge, repo=repo)
    taught = []
    for model in sorted({one.model for one in found}):
        learnt = learn(known, {one.fingerprint: one.p for one in found if one.model == model})
        if learnt is not None:
            taught.append(Taught(model, learnt, now))
    with writing(engine) as connection:
        replace_taught(connection, forge, repo, taught)
    return taught


def of_repo(engine: Engine, *, forge: str, repo: str) -> list[Taught]:
    """What a repository has taught, judge by judge."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(adjustments)
            .where(adjustments.c.forge == forge, adjustments.c.repo == repo)
            .order_by(adjustments.c.model)
        )
        return [
            Taught(
                row.model,
                Learnt(Adjustment(row.slope, row.intercept, row.weight), row.labels, row.people),
                row.updated_at,
            )
            for row in rows
        ]


def adjusted(
    engine: Engine, verdicts: Sequence[Verdict], *, forge: str, repo: str
) -> list[Verdict]:
    """The verdicts with what the repository taught; each keeps its global probability too."""
    by_model = {one.model: one.learnt.adjustment for one in of_repo(engine, forge=forge, repo=repo)}
    return [
        replace(
            one,
            p_correct=by_model[one.model].probability(one.p_correct),
            p_global=one.p_correct,
        )
        if one.model in by_model and not one.abstained
        else one
        for one in verdicts
    ]


def seen(
    engine: Engine, fingerprints: Collection[str], *, forge: str = "", repo: str = ""
) -> list[Seen]:
    """What each judge last said of some snippets, without abstentions.

    forge, repo  of one repository alone, where they are given
    """
    wanted = sorted(fingerprints)
    p = func.coalesce(snippets.c.p_global, snippets.c.p_correct)
    query = (
        select(snippets.c.fingerprint, snippets.c.model, p)
        .where(snippets.c.abstained.is_(False))
        .order_by(snippets.c.review_id)
    )
    if repo:
        query = query.join(reviews, reviews.c.id == snippets.c.review_id).where(
            reviews.c.forge == forge, reviews.c.repo == repo
        )
    last: dict[tuple[str, str], Seen] = {}
    with reading(engine) as connection:
        for start in range(0, len(wanted), AT_ONCE):
            some = snippets.c.fingerprint.in_(wanted[start : start + AT_ONCE])
            for fingerprint, model, probability in connection.execute(query.where(some)):
                last[fingerprint, model] = Seen(fingerprint, model, probability)
    return list(last.values())


def replace_taught(connection: Connection, forge: str, repo: str, taught: Sequence[Taught]) -> None:
    """Put what a repository taught in the place of what it had, one caller at a time."""
    one_at_a_time(connection, "taught", forge, repo)
    connection.execute(
        delete(adjustments).where(adjustments.c.forge == forge, adjustments.c.repo == repo)
    )
    for one in taught:
        connection.execute(
            insert(adjustments).values(
                forge=forge,
                repo=repo,
                model=one.model,
                slope=one.learnt.adjustment.slope,
                intercept=one.learnt.adjustment.intercept,
                weight=one.learnt.adjustment.weight,
                labels=one.learnt.labels,
                people=one.learnt.people,
                updated_at=one.updated_at,
            )
        )

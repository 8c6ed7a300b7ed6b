"""Acts: reads what the dashboard lists. Every query is bounded and walks an index, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, func, select, text

from worker.store.deliveries import UNFINISHED
from worker.store.engine import reading
from worker.store.page_tables import review_events
from worker.store.tables import deliveries, reviews, skipped, snippets
from worker.types import State

COUNTED = 1_000  # states are counted up to here: the page says "1000 or more"
# The next repository of a forge, again and again: as many looks at the index as rows.
REPOSITORIES = text(
    """
    WITH RECURSIVE found (repo, n) AS (
        SELECT min(repo), 1 FROM reviews WHERE forge = :forge AND repo > :repo
        UNION ALL
        SELECT
            (SELECT min(r.repo) FROM reviews r WHERE r.forge = :forge AND r.repo > found.repo),
            found.n + 1
        FROM found WHERE found.repo IS NOT NULL AND found.n < :many
    )
    SELECT found.repo,
        (SELECT max(r.id) FROM reviews r WHERE r.forge = :forge AND r.repo = found.repo)
    FROM found WHERE found.repo IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A review as a list shows it.

    judged   snippets with a verdict that may be acted on
    snippets  all of them
    lowest   the lowest P(correct) among them, None where there is none
    code_skipped  files of code that were not judged
    """

    id: int
    forge: str
    repo: str
    number: int
    head_sha: str
    state: State
    conclusion: str
    title: str
    reason: str
    updated_at: datetime
    created_at: datetime
    prepare_s: float | None
    score_s: float | None
    publish_s: float | None
    judged: int = 0
    snippets: int = 0
    lowest: float | None = None
    code_skipped: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a review was judged and left out."""

    review_id: int
    snippets: int
    judged: int
    lowest: float | None
    code_skipped: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery as the health page lists it."""

    forge: str
    event: str
    delivery_id: str
    review_id: int
    received_at: datetime


_LINE = [
    reviews.c[name]
    for name in (
        *("id", "forge", "repo", "number", "head_sha", "state", "conclusion", "title", "reason"),
        *("updated_at", "created_at", "prepare_s", "score_s", "publish_s"),
    )
]


def review_lines(
    engine: Engine,
    *,
    before: int | None,
    limit: int,
    forge: str = "",
    repo: str = "",
    state: State | None = None,
) -> list[ReviewLine]:
    """At most `limit` reviews with ids below `before`, the newest first."""
    query = select(*_LINE).order_by(reviews.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(reviews.c.id < before)
    if repo:
        query = query.where(reviews.c.forge == forge, reviews.c.repo == repo)
    if state is not None:
        query = query.where(reviews.c.state == state.value)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    found = counts(engine, [row.id for row in rows])
    return [_line(row, found) for row in rows]


def counts(engine: Engine, review_ids: Sequence[int]) -> dict[int, Count]:
    """What was judged in each of some reviews; those without snippets are not in it."""
    if not review_ids:
        return {}
    is_judged = snippets.c.abstained.is_(False)
    judged = (
        select(
            snippets.c.review_id,
            func.count(),
            func.count(snippets.c.p_correct).filter(is_judged),
            func.min(snippets.c.p_correct).filter(is_judged),
        )
        .where(snippets.c.review_id.in_(review_ids))
        .group_by(snippets.c.review_id)
    )
    hidden = (
        select(skipped.c.review_id, func.count())
        .where(skipped.c.review_id.in_(review_ids), skipped.c.is_code.is_(True))
        .group_by(skipped.c.review_id)
    )
    with reading(engine) as connection:
        left_out = {row[0]: row[1] for row in connection.execute(hidden)}
        found = {
            review_id: Count(review_id, every, answered, lowest, left_out.get(review_id, 0))
            for review_id, every, answered, lowest in connection.execute(judged)
        }
    return {
        one: found.get(one, Count(one, 0, 0, None, left_out.get(one, 0)))
        for one in found.keys() | left_out.keys()
    }


def repositories(
    engine: Engine, *, after: tuple[str, str], limit: int
) -> list[tuple[str, str, ReviewLine]]:
    """At most `limit` repositories after (forge, repo), by name, with their newest review."""
    found: list[tuple[str, str, int]] = []
    forge, repo = after
    with reading(engine) as connection:
        while len(found) < limit:
            values = {"forge": forge, "repo": repo, "many": limit - len(found)}
            found += [(forge, *row) for row in connection.execute(REPOSITORIES, values)]
            following = select(func.min(reviews.c.forge)).where(reviews.c.forge > forge)
            forge, repo = connection.execute(following).scalar_one() or "", ""
            if not forge:
                break
        rows = connection.execute(
            select(*_LINE).where(reviews.c.id.in_([newest for _, _, newest in found]))
        ).all()
    newest_of = {row.id: _line(row, {}) for row in rows}
    return [(forge, repo, newest_of[newest]) for forge, repo, newest in found]


def waiting(engine: Engine) -> dict[str, int]:
    """How many reviews are in each unfinished state, counted up to `COUNTED`."""
    with reading(engine) as connection:
        return {
            state: connection.execute(
                select(func.count()).select_from(
                    select(reviews.c.id).where(reviews.c.state == state).limit(COUNTED).subquery()
                )
            ).scalar_one()
            for state in UNFINISHED
        }


def oldest_waiting(engine: Engine) -> datetime | None:
    """When the review was asked for that has waited longest, None where none waits."""
    with reading(engine) as connection:
        moments = [
            connection.execute(
                select(reviews.c.created_at)
                .where(reviews.c.state == state)
                .order_by(reviews.c.id)
                .limit(1)
            ).scalar_one_or_none()
            for state in UNFINISHED
        ]
    return min((one for one in moments if one is not None), default=None)


def held(engine: Engine, *, now: datetime, limit: int = COUNTED) -> int:
    """How many reviews a worker holds now, counted up to `limit`."""
    query = select(reviews.c.id).where(reviews.c.busy_until > now, reviews.c.state.in_(UNFINISHED))
    with reading(engine) as connection:
        return len(connection.execute(query.limit(limit)).all())


def overdue(engine: Engine, *, now: datetime, limit: int = COUNTED) -> int:
    """How many reviews the sweep should have sent again by now, counted up to `limit`."""
    query = select(reviews.c.id).where(reviews.c.due_at < now)
    with reading(engine) as connection:
        return len(connection.execute(query.limit(limit)).all())


def delivered(engine: Engine, *, limit: int) -> list[Delivered]:
    """The newest deliveries."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    with reading(engine) as connection:
        return [
            Delivered(row.forge, row.event, row.delivery_id, row.review_id, row.received_at)
            for row in connection.execute(query)
        ]


def newest_rules(engine: Engine, *, forge: str, repo: str) -> str | None:
    """Text of the rules that the newest prepared review of a repository read."""
    query = (
        select(reviews.c.rules)
        .where(reviews.c.forge == forge, reviews.c.repo == repo, reviews.c.base_sha != "")
        .order_by(reviews.c.id.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        return connection.execute(query).scalar_one_or_none()


def _line(row: Row[*tuple[object, ...]], found: Mapping[int, Count]) -> ReviewLine:
    count = found.get(row.id, Count(row.id, 0, 0, None))
    values = dict(row._mapping) | {"state": State(row.state)}
    return ReviewLine(
        **values,
        judged=count.judged,
        snippets=count.snippets,
        lowest=count.lowest,
        code_skipped=count.code_skipped,
    )


def pulse(engine: Engine, *, looked_at: int = 300) -> dict[str, datetime]:
    """Event -> when it last happened to any review, among the newest `looked_at` events."""
    query = select(review_events.c.event, review_events.c.at).order_by(review_events.c.id.desc())
    with reading(engine) as connection:
        found = connection.execute(query.limit(looked_at)).all()
    last: dict[str, datetime] = {}
    for event, at in found:
        last.setdefault(event, at)
    return last

"""Acts: loads review rows, as the stages and the screens read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, select

from worker.jobs import ChangeRef
from worker.store.engine import reading
from worker.store.tables import deliveries, reviews
from worker.types import Conclusion, State


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review row, as the stages and the screens read it.

    delivery_id  the first delivery that asked for it, for logs; "" where none did
    reason       why it ended without being published, or why it waits; one sentence
    conclusion   how it ended, None while it is not published
    attempts     starts of the present stage that never came back
    postponed    times that the forge was unavailable in the present stage
    rules        text of the repository's rules at `base_sha`, None where it has none
    check_open   its check was announced and is not concluded yet
    prepare_s, score_s, publish_s  seconds of work, None until done
    """

    id: int
    change: ChangeRef
    installation_id: int | None
    delivery_id: str
    state: State
    reason: str
    conclusion: Conclusion | None
    attempts: int
    postponed: int
    base_sha: str
    title: str
    rules: str | None
    check_open: bool
    forge_review_id: str
    check_id: str
    comment_ids: tuple[str, ...]
    prepare_s: float | None
    score_s: float | None
    publish_s: float | None
    created_at: datetime
    updated_at: datetime


_FIRST_DELIVERY = (
    select(deliveries.c.delivery_id)
    .where(deliveries.c.review_id == reviews.c.id)
    .order_by(deliveries.c.id)
    .limit(1)
    .scalar_subquery()
    .label("delivery_id")
)
SELECT = select(reviews, _FIRST_DELIVERY)


def get(engine: Engine, review_id: int) -> StoredReview | None:
    """The review with that id, or None."""
    with reading(engine) as connection:
        row = connection.execute(SELECT.where(reviews.c.id == review_id)).one_or_none()
        return None if row is None else stored(row)


def of_change(engine: Engine, *, forge: str, repo: str, number: int) -> list[StoredReview]:
    """Every review of a change, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(
            SELECT.where(
                reviews.c.forge == forge, reviews.c.repo == repo, reviews.c.number == number
            ).order_by(reviews.c.id)
        )
        return [stored(row) for row in rows]


def stored(row: Row[*tuple[object, ...]]) -> StoredReview:
    """The review in a row of `SELECT`."""
    return StoredReview(
        id=row.id,
        change=ChangeRef(row.forge, row.repo, row.number, row.head_sha),
        installation_id=row.installation_id,
        delivery_id=row.delivery_id or "",
        state=State(row.state),
        reason=row.reason,
        conclusion=Conclusion(row.conclusion) if row.conclusion else None,
        attempts=row.attempts,
        postponed=row.postponed,
        base_sha=row.base_sha,
        title=row.title,
        rules=row.rules,
        check_open=row.check_open,
        forge_review_id=row.forge_review_id,
        check_id=row.check_id,
        comment_ids=row.comment_ids,
        prepare_s=row.prepare_s,
        score_s=row.score_s,
        publish_s=row.publish_s,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

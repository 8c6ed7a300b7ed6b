"""Acts: claims a review row for a stage and moves it by one arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, case, delete, insert, null, update

from judge.types import Snippet, Verdict
from worker.jobs import ChangeRef
from worker.store.deliveries import UNFINISHED, Recorded, want
from worker.store.engine import writing
from worker.store.reviews import SELECT, StoredReview, stored
from worker.store.snippets import skipped_values, snippet_values, verdict_values
from worker.store.tables import UNTRIED, reviews, skipped, snippets
from worker.types import Conclusion, Published, Skipped, State


def begin(
    engine: Engine,
    review_id: int,
    states: Sequence[State],
    *,
    now: datetime,
    lease_s: float,
    is_exclusive: bool,
) -> StoredReview | None:
    """Claim a review for a stage for `lease_s` seconds and count the attempt.

    is_exclusive  no other worker may begin meanwhile; without it a stage may run twice at
                  once, which for pure work is only a waste and heals a killed child at once

    Returns the row as it was before, or None: not in one of `states`, with no check to close
    if it has ended, held by another worker, or postponed. A worker that dies lets its lease
    run out, and the sweep sends the row again.
    """
    with writing(engine) as connection:
        row = connection.execute(
            SELECT.where(reviews.c.id == review_id).with_for_update(of=reviews)
        ).one_or_none()
        if row is None or State(row.state) not in states or _is_held(row.busy_until, now):
            return None
        if row.state not in UNFINISHED and not row.check_open:
            return None
        until = now + timedelta(seconds=lease_s)
        connection.execute(
            update(reviews)
            .where(reviews.c.id == review_id)
            .values(
                attempts=reviews.c.attempts + 1,
                check_open=reviews.c.check_open | (reviews.c.state == State.QUEUED.value),
                busy_until=until if is_exclusive else None,
                due_at=until,
                updated_at=now,
            )
        )
        return stored(row)


def save_prepared(
    engine: Engine,
    review_id: int,
    *,
    base_sha: str,
    title: str,
    rules: str | None,
    to_judge: Sequence[Snippet],
    left_out: Sequence[Skipped],
    spent_s: float,
    now: datetime,
    due_at: datetime,
) -> bool:
    """queued → prepared, with what there is to judge; False where it was no longer queued."""
    values = {"base_sha": base_sha, "title": title, "rules": rules, "prepare_s": spent_s}
    with writing(engine) as connection:
        if not _move(
            connection, review_id, State.QUEUED, State.PREPARED, now=now, due_at=due_at, **values
        ):
            return False
        for table in (snippets, skipped):
            connection.execute(delete(table).where(table.c.review_id == review_id))
        if to_judge:
            connection.execute(insert(snippets), snippet_values(review_id, to_judge))
        if left_out:
            connection.execute(insert(skipped), skipped_values(review_id, left_out))
        return True


def save_scored(
    engine: Engine,
    review_id: int,
    verdicts: Sequence[Verdict],
    *,
    spent_s: float,
    now: datetime,
    due_at: datetime,
) -> bool:
    """prepared → scored, with one verdict per snippet in order; False where not prepared."""
    with writing(engine) as connection:
        if not _move(
            connection,
            review_id,
            State.PREPARED,
            State.SCORED,
            now=now,
            due_at=due_at,
            score_s=spent_s,
        ):
            return False
        for position, verdict in enumerate(verdicts):
            connection.execute(
                update(snippets)
                .where(snippets.c.review_id == review_id, snippets.c.position == position)
                .values(**verdict_values(verdict))
            )
        return True


def save_published(
    engine: Engine,
    review_id: int,
    published: Published,
    *,
    conclusion: Conclusion,
    spent_s: float,
    now: datetime,
) -> bool:
    """scored → published, with the forge's ids; False where it was not scored any more."""
    with writing(engine) as connection:
        return _move(
            connection,
            review_id,
            State.SCORED,
            State.PUBLISHED,
            now=now,
            due_at=None,
            conclusion=conclusion.value,
            publish_s=spent_s,
            check_open=False,
            forge_review_id=published.review_id,
            check_id=published.check_id,
            comment_ids=published.comment_ids,
        )


def end(
    engine: Engine,
    review_id: int,
    state: State,
    *,
    reason: str,
    check_open: bool,
    now: datetime,
) -> bool:
    """Unfinished → superseded, failed or ignored; False where it had already ended.

    check_open  whether a check was announced; if so, it is due to be concluded from now on
    """
    with writing(engine) as connection:
        return _end(connection, review_id, state, reason=reason, check_open=check_open, now=now)


def supersede(
    engine: Engine, review: StoredReview, newer: ChangeRef, *, check_open: bool, now: datetime
) -> Recorded | None:
    """End a review whose head has moved, and make sure that the newer head gets its own.

    None where the review had already ended. Deliveries can arrive out of order: then the
    newer head is the one that was wrongly superseded, and this starts it again.
    """
    reason = f"a newer head, {newer.head_sha[:12]}, took its place"
    with writing(engine) as connection:
        if not _end(
            connection,
            review.id,
            State.SUPERSEDED,
            reason=reason,
            check_open=check_open,
            now=now,
        ):
            return None
        return want(connection, newer, installation_id=review.installation_id, now=now)


def touch(engine: Engine, review: StoredReview, *, until: datetime, now: datetime) -> None:
    """Extend the claim on a review: its worker is alive."""
    with writing(engine) as connection:
        connection.execute(
            update(reviews)
            .where(reviews.c.id == review.id, reviews.c.state == review.state.value)
            .values(
                busy_until=case((reviews.c.busy_until.is_not(None), until), else_=null()),
                due_at=until,
                updated_at=now,
            )
        )


def postpone(
    engine: Engine, review: StoredReview, *, reason: str, not_before: datetime, now: datetime
) -> bool:
    """Give a claimed review back; nobody may begin it before `not_before`.

    The attempt does not count against it. An ended review keeps the reason of its end.
    """
    waits = {"reason": reason} if review.state.value in UNFINISHED else {}
    with writing(engine) as connection:
        return _changed(
            connection,
            review.id,
            (review.state.value,),
            attempts=review.attempts,
            postponed=reviews.c.postponed + 1,
            busy_until=not_before,
            due_at=not_before,
            updated_at=now,
            **waits,
        )


def close_check(
    engine: Engine, review: StoredReview, published: Published | None, *, now: datetime
) -> None:
    """Note that the check of an ended review is concluded, or (None) that it never can be."""
    values: dict[str, object] = {"check_open": False, "due_at": None, "busy_until": None}
    if published is not None:
        values |= {"check_id": published.check_id, "conclusion": Conclusion.NOT_JUDGED.value}
    with writing(engine) as connection:
        _changed(connection, review.id, (review.state.value,), updated_at=now, **values)


def _end(
    connection: Connection,
    review_id: int,
    state: State,
    *,
    reason: str,
    check_open: bool,
    now: datetime,
) -> bool:
    return _changed(
        connection,
        review_id,
        UNFINISHED,
        state=state.value,
        reason=reason,
        check_open=check_open,
        **UNTRIED,
        due_at=now if check_open else None,
        updated_at=now,
    )


def _move(
    connection: Connection,
    review_id: int,
    before: State,
    after: State,
    *,
    now: datetime,
    due_at: datetime | None,
    **values: object,
) -> bool:
    return _changed(
        connection,
        review_id,
        (before.value,),
        state=after.value,
        reason="",
        **UNTRIED,
        due_at=due_at,
        updated_at=now,
        **values,
    )


def _changed(
    connection: Connection, review_id: int, states: Sequence[str], **values: object
) -> bool:
    """UPDATE … WHERE id = ? AND state IN (?): False means that someone else did it."""
    done = connection.execute(
        update(reviews)
        .where(reviews.c.id == review_id, reviews.c.state.in_(states))
        .values(**values)
    )
    return done.rowcount == 1


def _is_held(busy_until: datetime | None, now: datetime) -> bool:
    return busy_until is not None and busy_until > now

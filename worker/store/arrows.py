"""Acts: moves a review row by one arrow. worker.store.claims takes it for a stage before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, case, delete, func, insert, null, select, update

from judge.types import Snippet, Verdict
from worker.jobs import ChangeRef
from worker.store.deliveries import UNFINISHED, Recorded, want
from worker.store.engine import one_at_a_time, writing
from worker.store.history import is_asked_again, note_change
from worker.store.reviews import StoredReview
from worker.store.snippets import skipped_values, snippet_values, write_verdicts
from worker.store.tables import UNTRIED, reviews, skipped, snippets
from worker.turns import SLICE, set_back
from worker.types import Conclusion, Published, Skipped, State

MAY_BEGIN_AGAIN = frozenset({State.PREPARED, State.SCORED, State.PUBLISHED})


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
            connection,
            review_id,
            State.QUEUED,
            State.PREPARED,
            now=now,
            due_at=due_at,
            score_s=None,
            **values,
        ):
            return False
        _set_back(connection, review_id, len(to_judge))
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
    first: int = 0,
    spent_s: float,
    now: datetime,
    due_at: datetime,
) -> bool:
    """prepared → scored, with one verdict per snippet in order; False where not prepared.

    first  position of the first verdict's snippet; those before it were judged in slices
    """
    with writing(engine) as connection:
        if not _move(
            connection,
            review_id,
            State.PREPARED,
            State.SCORED,
            now=now,
            due_at=due_at,
            score_s=func.coalesce(reviews.c.score_s, 0.0) + spent_s,
        ):
            return False
        write_verdicts(connection, review_id, verdicts, first=first)
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
        # Before any row, as deliveries do: in another order each would wait for the other.
        one_at_a_time(connection, newer.forge, newer.repo, newer.number)
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


def begin_again(engine: Engine, review_id: int, state: State, *, now: datetime) -> bool:
    """Put a review that stands in `state` back to queued, where it was asked for again since.

    What was read of the change may hold no more: its base is another one, for example. False
    where nobody asked, or the review has moved.
    """
    if state not in MAY_BEGIN_AGAIN or not is_asked_again(engine, review_id):
        return False
    with writing(engine) as connection:
        return _changed(
            connection,
            review_id,
            (state.value,),
            state=State.QUEUED.value,
            reason="",
            conclusion="",
            **UNTRIED,
            due_at=now,
            updated_at=now,
        )


def touch(engine: Engine, review: StoredReview, *, until: datetime, now: datetime) -> None:
    """Extend the claim on a review: its worker is alive."""
    with writing(engine) as connection:
        connection.execute(
            update(reviews)
            .where(
                reviews.c.id == review.id,
                reviews.c.state == review.state.value,
                reviews.c.due_at.is_not(None),  # or its check was closed meanwhile: nothing is left
            )
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
            turn_at=not_before,  # or every worker would look at it first, in vain
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


def _set_back(connection: Connection, review_id: int, snippets: int) -> None:
    """Let smaller changes go first, by at most what one slice takes."""
    this = reviews.c.id == review_id
    turn = connection.execute(select(reviews.c.turn_at).where(this)).scalar_one()
    later = set_back(turn, min(snippets, SLICE))
    connection.execute(update(reviews).where(this).values(turn_at=later))


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
    if done.rowcount != 1:
        return False
    at = values["updated_at"]
    assert isinstance(at, datetime)
    note_change(connection, review_id, values, at=at)
    return True

"""Acts: the durable step between a delivery and its acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from worker.jobs import ChangeRef, ReviewJob
from worker.store.engine import insert_if_new, one_at_a_time, writing
from worker.store.history import ASKED_AGAIN, note
from worker.store.tables import UNTRIED, deliveries, reviews
from worker.turns import COUNTED, turn_of
from worker.types import State

# Until then the message may wait in the queue; afterwards the sweep takes it for lost.
FIRST_SEND_AGAIN_S = 20.0
WAITING = (State.QUEUED.value, State.PREPARED.value)
UNFINISHED = (State.QUEUED.value, State.PREPARED.value, State.SCORED.value)
# Ends that a new delivery for the same head undoes; a published review stays as it is.
RESTARTED = (State.SUPERSEDED.value, State.FAILED.value, State.IGNORED.value)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a delivery went.

    review_id  the row whose id is to be sent to "prepare"
    is_new     this delivery created the review or started it again; False for a redelivery
               and for a head that is already under review, where sending again is harmless
    """

    review_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class WaitingBefore:
    """Who waits before a new review.

    last_turn     the latest turn in its repository, None where nobody waits there
    installation  how many of its installation wait, at most COUNTED
    """

    last_turn: datetime | None
    installation: int


def record(
    engine: Engine,
    job: ReviewJob,
    *,
    now: datetime,
    send_again_s: float = FIRST_SEND_AGAIN_S,
) -> Recorded:
    """Write down a delivery and the review that it asks for, in one transaction.

    Unfinished reviews of other heads of the change are superseded in it. Safe to repeat: a
    known (forge, delivery id) changes nothing, and a head has one review however often it
    is delivered.
    """
    with writing(engine) as connection:
        one_at_a_time(connection, job.change.forge, job.change.repo, job.change.number)
        return record_one(connection, job, now=now, send_again_s=send_again_s)


def record_one(
    connection: Connection, job: ReviewJob, *, now: datetime, send_again_s: float
) -> Recorded:
    """As `record`, in a transaction that holds the change already."""
    known = connection.execute(
        _KNOWN, {"forge": job.change.forge, "delivery_id": job.delivery_id}
    ).scalar_one_or_none()
    if known is not None:
        return Recorded(known, is_new=False)
    recorded = want(
        connection,
        job.change,
        installation_id=job.installation_id,
        now=now,
        send_again_s=send_again_s,
        is_again=job.is_again,
    )
    connection.execute(
        insert(deliveries),
        {
            "forge": job.change.forge,
            "delivery_id": job.delivery_id,
            "event": job.event,
            "review_id": recorded.review_id,
            "received_at": now,
        },
    )
    return recorded


def want(
    connection: Connection,
    change: ChangeRef,
    *,
    installation_id: int | None,
    now: datetime,
    send_again_s: float = FIRST_SEND_AGAIN_S,
    is_again: bool = False,
) -> Recorded:
    """Make sure that the newest head of a change has a review, and that no older one goes on.

    is_again  a review that is published is begun again too, and one that goes on, at its next stage
    """
    one_at_a_time(connection, change.forge, change.repo, change.number)
    due_at = now + timedelta(seconds=send_again_s)
    turn_at = _turn(connection, change, installation_id, now=now)
    created = insert_if_new(
        connection,
        reviews,
        {
            "key": change.key,
            "forge": change.forge,
            "repo": change.repo,
            "number": change.number,
            "head_sha": change.head_sha,
            "installation_id": installation_id,
            "state": State.QUEUED.value,
            "due_at": due_at,
            "turn_at": turn_at,
            "created_at": now,
            "updated_at": now,
        },
    )
    supersede_others(connection, change, now=now)
    if created is not None:
        note(connection, created, State.QUEUED.value, at=now)
        return Recorded(created, is_new=True)
    if is_again and (going := _note_again(connection, change, now=now)) is not None:
        return Recorded(going, is_new=False)
    restarted_from = (*RESTARTED, State.PUBLISHED.value) if is_again else RESTARTED
    restarted = connection.execute(
        update(reviews)
        .where(reviews.c.key == change.key, reviews.c.state.in_(restarted_from))
        .values(
            state=State.QUEUED.value,
            reason="",
            conclusion="",
            **UNTRIED,
            due_at=due_at,
            turn_at=turn_at,
            updated_at=now,
        )
    )
    review_id = connection.execute(
        select(reviews.c.id).where(reviews.c.key == change.key)
    ).scalar_one()
    if restarted.rowcount == 1:
        note(connection, review_id, State.QUEUED.value, detail="asked for again", at=now)
    return Recorded(review_id, is_new=restarted.rowcount == 1)


def _note_again(connection: Connection, change: ChangeRef, *, now: datetime) -> int | None:
    """Note on a review that goes on that it was asked for again; its id, None where none does.

    Whoever works on it keeps it, and begins it again (`worker.store.arrows.begin_again`).
    """
    is_begun = and_(
        reviews.c.state == State.QUEUED.value, reviews.c.busy_until > now, reviews.c.attempts > 0
    )
    has_read = reviews.c.state.in_((State.PREPARED.value, State.SCORED.value))
    going = connection.execute(
        update(reviews)
        .where(reviews.c.key == change.key, or_(has_read, is_begun))
        .values(updated_at=now)
        .returning(reviews.c.id)
    ).scalar_one_or_none()
    if going is not None:
        note(connection, going, ASKED_AGAIN, at=now)
    return going


def _turn(
    connection: Connection, change: ChangeRef, installation_id: int | None, *, now: datetime
) -> datetime:
    """When it is the turn of a review that is wanted now: behind those that wait already."""
    before = waiting_before(connection, change, installation_id)
    return turn_of(now, repository=before.last_turn, installation=before.installation)


def waiting_before(
    connection: Connection, change: ChangeRef, installation_id: int | None
) -> WaitingBefore:
    """Who waits already in the repository of a change and in its installation."""
    *turns, waiting = connection.execute(
        _TURNS, {"forge": change.forge, "repo": change.repo, "installation": installation_id}
    ).one()
    last = max((turn for turn in turns if isinstance(turn, datetime)), default=None)
    count = waiting if isinstance(waiting, int) and installation_id is not None else 0
    return WaitingBefore(last, count)


def supersede_others(connection: Connection, change: ChangeRef, *, now: datetime) -> None:
    """End the unfinished reviews of other heads; the sweep closes checks that they opened.

    A worker that is on one of them keeps its claim, so that nobody closes a check that it is
    still writing; its claim ends with it.
    """
    names = {"forge": change.forge, "repo": change.repo, "number": change.number}
    if connection.execute(_OTHERS, {**names, "key": change.key}).first() is None:
        return
    reason = f"a newer head, {change.head_sha[:12]}, took its place"
    ended = connection.execute(
        update(reviews)
        .where(
            and_(
                reviews.c.forge == change.forge,
                reviews.c.repo == change.repo,
                reviews.c.number == change.number,
                reviews.c.key != change.key,
                reviews.c.state.in_(UNFINISHED),
            )
        )
        .values(
            state=State.SUPERSEDED.value,
            reason=reason,
            **{name: value for name, value in UNTRIED.items() if name != "busy_until"},
            due_at=case((reviews.c.check_open, now), else_=null()),
            updated_at=now,
        )
        .returning(reviews.c.id)
    )
    for review_id in ended.scalars().all():
        note(connection, review_id, State.SUPERSEDED.value, detail=reason, at=now)


# Built once: for a delivery, building a statement costs more than running it.
_KNOWN = select(deliveries.c.review_id).where(
    deliveries.c.forge == bindparam("forge"), deliveries.c.delivery_id == bindparam("delivery_id")
)
# The last turn in each state of a repository: one look at an index, however long the queue.
_LAST_TURNS = [
    select(reviews.c.turn_at)
    .where(
        reviews.c.forge == bindparam("forge"),
        reviews.c.repo == bindparam("repo"),
        reviews.c.state == state,
    )
    .order_by(reviews.c.turn_at.desc())
    .limit(1)
    .scalar_subquery()
    for state in WAITING
]
_OF_INSTALLATION = (
    select(reviews.c.id)
    .where(reviews.c.installation_id == bindparam("installation"), reviews.c.state.in_(WAITING))
    .limit(COUNTED)
    .subquery()
)
_TURNS = select(*_LAST_TURNS, select(func.count()).select_from(_OF_INSTALLATION).scalar_subquery())
_OTHERS = (
    select(reviews.c.id)
    .where(
        reviews.c.forge == bindparam("forge"),
        reviews.c.repo == bindparam("repo"),
        reviews.c.number == bindparam("number"),
        reviews.c.key != bindparam("key"),
        reviews.c.state.in_(UNFINISHED),
    )
    .limit(1)
)

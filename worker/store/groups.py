"""Acts: keeps the groups of merge queues that wait for our check, until they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Engine, select, update

from worker.jobs import ChangeRef, GroupJob, GroupRef
from worker.store.engine import insert_if_new, reading, writing
from worker.store.group_tables import merge_groups
from worker.store.tables import reviews
from worker.types import Conclusion, State

FIRST_SEND_AGAIN_S = 20.0
LEASE_S = 60.0  # an answer takes seconds; a worker that died is replaced after so long


class GroupState(Enum):
    """Where a group stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that waits. `postponed` counts how often it was put off."""

    id: int
    group: GroupRef
    installation_id: int | None
    delivery_id: str
    postponed: int


def record(engine: Engine, job: GroupJob, *, now: datetime) -> int:
    """Keep a group and return its row's id; one that was answered waits again."""
    again = {
        "state": GroupState.WAITING.value,
        "postponed": 0,
        "due_at": now + timedelta(seconds=FIRST_SEND_AGAIN_S),
        "updated_at": now,
    }
    values = {
        "key": job.change.key,
        "installation_id": job.installation_id,
        "delivery_id": job.delivery_id,
        "created_at": now,
        "reason": "",
        **again,
    }
    with writing(engine) as connection:
        created = insert_if_new(connection, merge_groups, values)
        if created is not None:
            return created
        known = merge_groups.c.key == job.change.key
        is_new_delivery = merge_groups.c.delivery_id != job.delivery_id
        connection.execute(
            update(merge_groups)
            .where(known, is_new_delivery)
            .values(delivery_id=job.delivery_id, **again)
        )
        return int(connection.execute(select(merge_groups.c.id).where(known)).scalar_one())


def begin(engine: Engine, group_id: int, *, now: datetime) -> Group | None:
    """The group, where it waits; the sweep leaves it alone for a while."""
    with writing(engine) as connection:
        row = connection.execute(
            update(merge_groups)
            .where(merge_groups.c.id == group_id, merge_groups.c.state == GroupState.WAITING.value)
            .values(due_at=now + timedelta(seconds=LEASE_S), updated_at=now)
            .returning(merge_groups)
        ).one_or_none()
    found = ChangeRef.of_key(row.key) if row is not None else None
    if row is None or not isinstance(found, GroupRef):
        return None
    return Group(row.id, found, row.installation_id, row.delivery_id, row.postponed)


def end(engine: Engine, group_id: int, state: GroupState, *, reason: str, now: datetime) -> None:
    """Write down how it ended; nothing is left to do."""
    with writing(engine) as connection:
        connection.execute(
            update(merge_groups)
            .where(merge_groups.c.id == group_id)
            .values(state=state.value, reason=reason, due_at=None, updated_at=now)
        )


def postpone(engine: Engine, group_id: int, *, until: datetime, reason: str, now: datetime) -> None:
    """Leave it to the sweep after `until`."""
    with writing(engine) as connection:
        connection.execute(
            update(merge_groups)
            .where(merge_groups.c.id == group_id)
            .values(
                postponed=merge_groups.c.postponed + 1, due_at=until, reason=reason, updated_at=now
            )
        )


def due(engine: Engine, *, now: datetime) -> Sequence[int]:
    """Ids of the groups that wait for too long, the oldest first."""
    with reading(engine) as connection:
        wanted = select(merge_groups.c.id).where(merge_groups.c.due_at <= now)
        return connection.execute(wanted.order_by(merge_groups.c.id)).scalars().all()


def standing(engine: Engine, change: ChangeRef) -> tuple[State, Conclusion | None] | None:
    """How the review of a change's head stands, None where there is none."""
    wanted = select(reviews.c.state, reviews.c.conclusion).where(reviews.c.key == change.key)
    with reading(engine) as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    return State(row.state), Conclusion(row.conclusion) if row.conclusion else None

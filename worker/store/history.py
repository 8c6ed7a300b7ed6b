"""Acts: keeps what happened to a review and the diff that it read, and loads both."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from worker.store.engine import reading, writing
from worker.store.page_tables import diffs, review_events
from worker.store.tables import deliveries
from worker.types import State

MOST_BYTES = 2_000_000  # a longer diff is not kept: no page could show it
MOST_EVENTS = 500
ASKED_AGAIN = "asked for again"  # while the review went on


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a review.

    event   a state, "delivered", "postponed", "asked for again" or "check concluded"
    detail  one clause, or ""
    """

    at: datetime
    event: str
    detail: str


def note(
    connection: Connection, review_id: int, event: str, *, at: datetime, detail: str = ""
) -> None:
    """Write an event down, in the transaction that makes it true."""
    connection.execute(
        insert(review_events).values(review_id=review_id, event=event, detail=detail, at=at)
    )


def note_change(
    connection: Connection, review_id: int, values: Mapping[str, object], *, at: datetime
) -> None:
    """Write down what new `values` of a review's row mean."""
    if "state" in values:
        detail = values.get("reason") or values.get("conclusion") or ""
        note(connection, review_id, str(values["state"]), detail=str(detail), at=at)
    elif "postponed" in values:
        note(connection, review_id, "postponed", detail=str(values.get("reason", "")), at=at)
    elif "check_id" in values:
        note(connection, review_id, "check concluded", at=at)


def is_asked_again(engine: Engine, review_id: int) -> bool:
    """Whether somebody asked for a review again since it was queued last."""
    newest = select(review_events.c.event).where(
        review_events.c.review_id == review_id,
        review_events.c.event.in_((ASKED_AGAIN, State.QUEUED.value)),
    )
    with reading(engine) as connection:
        found = connection.execute(newest.order_by(review_events.c.id.desc()).limit(1))
        return found.scalar_one_or_none() == ASKED_AGAIN


def events(engine: Engine, review_id: int) -> list[Event]:
    """What happened to a review, the oldest first, deliveries included."""
    noted = (
        select(review_events.c.at, review_events.c.event, review_events.c.detail)
        .where(review_events.c.review_id == review_id)
        .order_by(review_events.c.id.desc())
        .limit(MOST_EVENTS)
    )
    delivered = (
        select(deliveries.c.received_at, deliveries.c.event, deliveries.c.delivery_id)
        .where(deliveries.c.review_id == review_id)
        .order_by(deliveries.c.id.desc())
        .limit(MOST_EVENTS)
    )
    with reading(engine) as connection:
        found = [
            *(
                Event(at, "delivered", f"{event} {delivery}")
                for at, event, delivery in connection.execute(delivered)
            ),
            *(Event(*row) for row in connection.execute(noted)),
        ]
    found.reverse()
    return sorted(found, key=lambda one: one.at)


def keep_diff(engine: Engine, review_id: int, text: str) -> None:
    """Keep the diff that a review read, unless it is too long for any page."""
    raw = text.encode("utf-8", "surrogatepass")
    with writing(engine) as connection:
        connection.execute(delete(diffs).where(diffs.c.review_id == review_id))
        if text and len(raw) <= MOST_BYTES:
            connection.execute(
                insert(diffs).values(review_id=review_id, body=zlib.compress(raw, 6))
            )


def diff(engine: Engine, review_id: int) -> str:
    """The diff that a review read, "" where none is kept."""
    with reading(engine) as connection:
        body = connection.execute(
            select(diffs.c.body).where(diffs.c.review_id == review_id)
        ).scalar_one_or_none()
    return "" if body is None else zlib.decompress(body).decode("utf-8", "surrogatepass")

"""Acts: keeps what people said of our comments, one row per delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Engine, select

from worker.store.engine import insert_if_new, reading, writing
from worker.store.tables import feedback


class Signal(Enum):
    """What a person did with a comment of ours."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One signal about the snippet with `fingerprint`, as a delivery brought it."""

    forge: str
    delivery_id: str
    repo: str
    number: int
    fingerprint: str
    signal: Signal


def record(engine: Engine, given: Feedback, *, now: datetime) -> bool:
    """Keep a signal; False for a delivery that is kept already."""
    values = {
        "forge": given.forge,
        "delivery_id": given.delivery_id,
        "repo": given.repo,
        "number": given.number,
        "fingerprint": given.fingerprint,
        "signal": given.signal.value,
        "received_at": now,
    }
    with writing(engine) as connection:
        return insert_if_new(connection, feedback, values) is not None


def about(engine: Engine, fingerprint: str) -> Sequence[Feedback]:
    """Every signal about a snippet, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(feedback).where(feedback.c.fingerprint == fingerprint).order_by(feedback.c.id)
        )
        return [
            Feedback(
                row.forge,
                row.delivery_id,
                row.repo,
                row.number,
                row.fingerprint,
                Signal(row.signal),
            )
            for row in rows
        ]

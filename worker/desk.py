"""What every stage works with, and how it sends the next. Decides nothing and does no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from worker.patience import Patience
from worker.queue import Stage
from worker.turns import Turns


class Send(Protocol):
    """Queues a stage of a review after `delay_s` seconds; raises BrokerDown."""

    def __call__(self, stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        """Queue it."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What every stage works with. `clock` gives aware times.

    turns  how work is shared among changes: a message is then a hint that there is work, and
           the worker takes the review whose turn it is. None: the review that it names
    """

    engine: Engine
    send: Send
    clock: Callable[[], datetime]
    patience: Patience
    turns: Turns | None = None

    def next_send(self) -> datetime:
        """When a message sent now counts as lost."""
        return self.clock() + timedelta(seconds=self.patience.send_again_s)

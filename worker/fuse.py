"""Acts: leaves a broker alone for a moment after it did not answer.

Who sends waits for a broker that is away for about a second, and a receiver has few threads: it
would answer late, and so a lost broker would cost deliveries. What is not sent is in the
database, and the sweep sends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from worker.queue import BrokerDown, Stage

REST_S = 2.0

Send = Callable[[Stage, int], None]


class Fuse:
    """Calls `send`; after a BrokerDown, one caller in `rest_s` seconds tries again, and all others
    are told BrokerDown at once.

    clock  seconds that never go back
    """

    def __init__(
        self, send: Send, *, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._rest_s = rest_s
        self._clock = clock
        self._lock = Lock()
        self._next_try: float | None = None  # None: the broker answered last time

    def __call__(self, stage: Stage, row_id: int) -> None:
        """Queue a stage. Raises BrokerDown."""
        with self._lock:
            if self._next_try is not None:
                if self._clock() < self._next_try:
                    raise BrokerDown("the broker did not answer a moment ago")
                self._next_try = self._clock() + self._rest_s  # the others do not wait for this one
        try:
            self._send(stage, row_id)
        except BrokerDown:
            with self._lock:
                self._next_try = self._clock() + self._rest_s
            raise
        with self._lock:
            self._next_try = None

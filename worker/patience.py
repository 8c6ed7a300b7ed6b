"""Decides how long to wait for a worker, a queue and a forge, and when to give up. No clock."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_SEND_AGAIN_S = 3600.0
# A broker gives a message away again that a worker holds for longer than its longest task and this.
LONGEST_UNTIL_PLACE_S = 60.0
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 900.0
MAX_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and how often to try.

    lease_s        a worker that has not been heard of for so long is taken for dead
    send_again_s   a message may wait so long in the queue before the first second send
    max_attempts   starts of one stage that may vanish without a trace
    max_postponed  times that a forge may be unavailable in one stage; with the longest wait
                   of a quarter of an hour, the default is about a day
    model_retry_s  until a judge whose model is missing is asked again
    max_model_waits  times that the model may be missing for one review: about a day
    until_place_s  until a review looks again whether its installation is below its limit, where
                   no more wait there than may run at once
    """

    lease_s: float = 60.0
    send_again_s: float = 20.0
    max_attempts: int = 5
    max_postponed: int = 100
    model_retry_s: float = 60.0
    max_model_waits: int = 1440
    until_place_s: float = 2.0

    @property
    def beat_s(self) -> float:
        """How often a worker says that it is alive: three times in a lease."""
        return self.lease_s / 3

    def until_sent_again_s(self, sends: int) -> float:
        """Doubles with every send, so that a long queue does not fill up with copies."""
        return min(self.send_again_s * 2.0 ** min(sends, MAX_DOUBLINGS), LONGEST_SEND_AGAIN_S)

    def until_place(self, waiting: int, *, at_once: int) -> float:
        """Grows with those that wait, so that all of them together look equally often."""
        return min(self.until_place_s * max(waiting / at_once, 1.0), LONGEST_UNTIL_PLACE_S)

    def until_retry_s(self, postponed: int, *, asked_s: float) -> float:
        """What the forge asked for, or a wait that doubles, whichever is longer."""
        own = min(FIRST_RETRY_S * 2.0 ** min(postponed, MAX_DOUBLINGS), LONGEST_RETRY_S)
        return max(asked_s, own)

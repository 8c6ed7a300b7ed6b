"""Act as the brake on requests to a forge, shared by all that act as one account.

A forge counts the requests of an account, not those of a process: what the account did and was
told lies in a memory that all of them share, a file on one machine or the database of a fleet.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from worker.forges.base import Unavailable

LONGEST_SLEEP_S = 20.0  # before a write; a longer wait is left to the queue
LONGEST_PAUSE_S = 5.0  # that a forge asks for; the same


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `count` writes in any `seconds`, for each of `windows`, `gap_s` seconds apart."""

    gap_s: float
    windows: tuple[tuple[int, float], ...]

    def wait_s(self, writes: Sequence[float], *, now: float) -> float:
        """Seconds until the next write may come, 0 for at once.

        writes  when each earlier write was or will be, ascending, in the clock's seconds
        """
        due = [writes[-1] + self.gap_s - now] if writes else []
        due += [
            writes[-count] + seconds - now
            for count, seconds in self.windows
            if len(writes) >= count
        ]
        return max([0.0, *due])

    def remembered(self, writes: Sequence[float], *, now: float) -> list[float]:
        """The writes that still matter, the one that comes now included."""
        longest = max((seconds for _, seconds in self.windows), default=self.gap_s)
        return [*(one for one in writes if now - longest < one <= now), now]


NO_LIMITS = Limits(0.0, ())


@dataclass(frozen=True, slots=True)
class Past:
    """What an account did and was told, in seconds since 1970.

    writes        when each write was or will be, ascending
    closed_until  the forge asked to be left alone until then
    """

    writes: tuple[float, ...] = ()
    closed_until: float = 0.0

    def written(self) -> str:
        """As text, for `Past.read`."""
        return json.dumps({"writes": self.writes, "closed_until": self.closed_until})

    @classmethod
    def read(cls, text: str) -> Past:
        """The past in a text; an empty one where that is damaged: the forge tells its limits."""
        try:
            kept: object = json.loads(text or "{}")
        except ValueError:
            return cls()
        found = kept if isinstance(kept, Mapping) else {"writes": kept}
        writes = found.get("writes")
        times = [float(one) for one in writes if _is_time(one)] if isinstance(writes, list) else []
        closed = found.get("closed_until")
        return cls(tuple(sorted(times)), float(str(closed)) if _is_time(closed) else 0.0)


class Memory(Protocol):
    """Where the past of one account lies."""

    def read(self) -> Past:
        """The past as it is."""
        ...

    def change(self, after: Callable[[Past], Past]) -> None:
        """Put `after(past)` in the place of the past, one caller at a time."""
        ...


class Pace:
    """Makes a caller wait as long as the limits and the forge ask.

    clock, sleep  seconds since 1970, and waiting for some
    """

    def __init__(
        self,
        limits: Limits,
        memory: Memory,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._memory = memory
        self._clock = clock
        self._sleep = sleep

    def before(self) -> None:
        """Return when a request may be sent; raises Unavailable where that is far off."""
        while (wait_s := self._memory.read().closed_until - self._clock()) > 0:
            if wait_s > LONGEST_PAUSE_S:
                raise Unavailable("the forge asked to be left alone", retry_after_s=wait_s)
            self._sleep(wait_s)

    def before_write(self) -> None:
        """Return when a write may be sent; raises Unavailable where that is far off."""
        if self._limits == NO_LIMITS:
            return
        wait_s = 0.0

        def taken(past: Past) -> Past:
            nonlocal wait_s
            now = self._clock()
            writes = [one for one in past.writes if one <= now + LONGEST_SLEEP_S]
            wait_s = self._limits.wait_s(writes, now=now)
            if wait_s > LONGEST_SLEEP_S:
                raise Unavailable(
                    "as much was written as the forge allows for now", retry_after_s=wait_s
                )
            kept = self._limits.remembered(writes, now=now + wait_s)
            return replace(past, writes=tuple(kept))

        self._memory.change(taken)
        if wait_s > 0:
            self._sleep(wait_s)

    def told(self, wait_s: float) -> None:
        """The forge asked to be left alone for so long: nobody of this account asks sooner."""
        until = self._clock() + wait_s
        self._memory.change(lambda past: replace(past, closed_until=max(past.closed_until, until)))


class FileMemory:
    """A past in a file, made when first needed, that one process at a time may hold."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Past:
        """The past as it is."""
        try:
            return Past.read(self._path.read_text(encoding="ascii"))
        except (ValueError, OSError):
            return Past()

    def change(self, after: Callable[[Past], Past]) -> None:
        """Put `after(past)` in the place of the past."""
        with _held(self._path):
            new = self._path.with_suffix(".new")
            new.write_text(after(self.read()).written(), encoding="ascii")
            new.replace(self._path)  # who reads meanwhile reads a whole one


@contextmanager
def _held(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value

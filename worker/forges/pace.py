"""Act as the brake on writes to a forge, shared by every process of this machine that writes.

A forge counts the writes of an account, not those of a process: when each one was lies in a
file that one process at a time may hold.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from worker.forges.base import Unavailable

LONGEST_SLEEP_S = 20.0  # a longer wait is left to the queue


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `count` writes in any `seconds`, for each of `windows`, `gap_s` seconds apart."""

    gap_s: float
    windows: tuple[tuple[int, float], ...]

    def wait_s(self, writes: Sequence[float], *, now: float) -> float:
        """Seconds until the next write may come, 0 for at once.

        writes  when each earlier write was, ascending, in the clock's seconds
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


class Pace:
    """Makes a writer wait as long as `limits` ask.

    memory  the file that holds the earlier writes, made when first needed
    clock, sleep  seconds since 1970, and waiting for some
    """

    def __init__(
        self,
        limits: Limits,
        memory: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._memory = memory
        self._clock = clock
        self._sleep = sleep

    def before_write(self) -> None:
        """Return when a write may be sent; raises Unavailable where that is far off."""
        with _held(self._memory) as memory:
            now = self._clock()
            writes = [one for one in memory.read() if one <= now]
            wait_s = self._limits.wait_s(writes, now=now)
            if wait_s > LONGEST_SLEEP_S:
                raise Unavailable(
                    "as much was written as the forge allows for now", retry_after_s=wait_s
                )
            if wait_s > 0:
                self._sleep(wait_s)
            memory.write(self._limits.remembered(writes, now=max(self._clock(), now + wait_s)))


class _Memory(Protocol):
    def read(self) -> list[float]: ...

    def write(self, writes: Sequence[float]) -> None: ...


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[float]:
        try:
            kept: object = json.loads(self._path.read_text(encoding="ascii") or "[]")
        except (ValueError, OSError):
            return []  # half written by a process that was killed: limits are told by the forge
        rows = kept if isinstance(kept, list) else []
        return sorted(float(one) for one in rows if isinstance(one, int | float))

    def write(self, writes: Sequence[float]) -> None:
        self._path.write_text(json.dumps(list(writes)), encoding="ascii")


@contextmanager
def _held(path: Path) -> Iterator[_Memory]:
    """The memory, held by this process alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield _File(path)

"""Measure what a tree of processes uses in memory while it runs. Acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import psutil

EVERY_S = 1.0  # reading proportional sizes costs processor time that the model needs


@dataclass(frozen=True, slots=True)
class Peak:
    """Bytes at the highest moment seen; `is_shared` says that shared pages count in each process.

    whole            all processes together
    scoring          the largest process of the scoring worker, resident
    scoring_private  what of that is its own; the rest are pages of files, such as the weights,
                     which the system takes back when it needs them
    """

    whole: int = 0
    scoring: int = 0
    processes: int = 0
    is_shared: bool = False
    scoring_private: int = 0

    def with_(
        self, whole: int, scoring: tuple[int, int], processes: int, *, is_shared: bool
    ) -> Peak:
        """The higher of each. `scoring` is resident and private."""
        resident, private = scoring
        return Peak(
            max(self.whole, whole),
            max(self.scoring, resident),
            max(self.processes, processes),
            self.is_shared or is_shared,
            max(self.scoring_private, private),
        )


class Meter:
    """Looks at this process and all below it until the block ends."""

    def __init__(self, scoring_pid: Callable[[], int | None]) -> None:
        self.peak = Peak()
        self._scoring_pid = scoring_pid
        self._done = Event()
        self._thread = Thread(target=self._look, name="memory", daemon=True)

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._done.wait(EVERY_S):
            family = [me, *me.children(recursive=True)]
            sizes = [_size(process) for process in family]
            self.peak = self.peak.with_(
                sum(size for size, _ in sizes),
                max((_resident(one) for one in self._scoring()), default=(0, 0)),
                sum(size > 0 for size, _ in sizes),
                is_shared=any(is_shared for _, is_shared in sizes),
            )

    def _scoring(self) -> list[psutil.Process]:
        pid = self._scoring_pid()
        try:
            top = psutil.Process(pid) if pid is not None else None
            return [top, *top.children(recursive=True)] if top is not None else []
        except psutil.Error:
            return []


def _size(process: psutil.Process) -> tuple[int, bool]:
    """Proportional size where the system tells it, else resident size; 0 once it has ended."""
    try:
        full = process.memory_full_info()
    except psutil.AccessDenied:
        return _resident(process)[0], True
    except psutil.Error:
        return 0, False
    if hasattr(full, "pss"):
        return int(full.pss), False
    return int(full.rss), True


def _resident(process: psutil.Process) -> tuple[int, int]:
    """Resident bytes, and those that are no pages of files where the system tells them apart."""
    try:
        size = process.memory_info()
    except psutil.Error:
        return 0, 0
    return int(size.rss), int(size.rss) - int(getattr(size, "shared", 0))

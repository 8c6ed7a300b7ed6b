"""Turn Ctrl-C and SIGTERM into an orderly end: a flag that every wait looks at. Acts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody asked this process to stop."""


class Interrupts:
    """While entered, SIGINT, SIGTERM and SIGHUP raise no exception but end the next wait.

    So nothing is ever broken off between starting a process and noting that it was started.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None]
        self._before = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def asked(self) -> bool:
        """Whether a signal has arrived."""
        return self._asked.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep. Raises Interrupted as soon as a signal has arrived."""
        if self._asked.wait(seconds):
            raise Interrupted

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()

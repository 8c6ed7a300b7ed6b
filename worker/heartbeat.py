"""Acts: says again and again that a piece of work goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def beating(beat: Callable[[], None], *, every_s: float) -> Iterator[None]:
    """Call `beat` every `every_s` seconds from a thread of its own, until the block ends."""
    done = Event()

    def run() -> None:
        while not done.wait(every_s):
            beat()

    thread = Thread(target=run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

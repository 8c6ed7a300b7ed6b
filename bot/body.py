"""Acts: reads the body of a delivery, within bounds of size, time and memory.

Nothing is known of a sender until its signature is checked, and that takes the whole body: what
strangers can make a receiver hold, and for how long, is bounded here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from flask import Request
from werkzeug.exceptions import ClientDisconnected

# GitHub caps a payload at 25 MB and does not say which megabyte it means: from 26 million
# bytes on, it is not GitHub. docs.github.com/webhooks/webhook-events-and-payloads
MAX_BODY_BYTES = 26_000_000 - 1
READ_AT_MOST_BYTES = 4 * MAX_BODY_BYTES
BLOCK_BYTES = 1 << 16
SILENCE_S = 10.0
READ_WITHIN_S = 20.0  # forges wait ten seconds for the answer, and do not send longer than that
LARGE_BYTES = 1 << 20
MOST_LARGE = 2  # larger bodies that a process holds at once: most deliveries have some kilobytes
ROOM_WAIT_S = 3.0


class Crowded(Exception):
    """As many large bodies as there is room for are being read already."""


class Reader:
    """Reads bodies for the threads of one process.

    clock  seconds that never go back
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        most_large: int = MOST_LARGE,
        wait_s: float = ROOM_WAIT_S,
    ) -> None:
        self._clock = clock
        self._wait_s = wait_s
        self._large = BoundedSemaphore(most_large)

    @contextmanager
    def reading(self, request: Request) -> Iterator[bytes | None]:
        """The raw bytes, or None where there are more than MAX_BODY_BYTES, said beforehand or not.

        A large body has its room until the block ends. Raises ClientDisconnected and Crowded.
        """
        with ExitStack() as room:
            _limit_silence(request)
            try:
                body = self._read(request, room)
            except OSError as error:
                raise ClientDisconnected from error
            yield body

    def _read(self, request: Request, room: ExitStack) -> bytes | None:
        """What is too long is still read, up to a bound, and not kept: a sender that cannot
        finish sending sees a broken connection instead of the answer."""
        end = self._clock() + READ_WITHIN_S
        announced = request.content_length or 0
        blocks: list[bytes] = []
        total, has_room = 0, False
        while block := request.stream.read(BLOCK_BYTES):
            if self._clock() > end:
                raise ClientDisconnected
            total += len(block)
            if total > READ_AT_MOST_BYTES:
                break
            if max(total, announced) > MAX_BODY_BYTES:
                blocks.clear()
                continue
            if total > LARGE_BYTES and not has_room:
                room.enter_context(self._room())
                has_room = True
            blocks.append(block)
        return b"".join(blocks) if total <= MAX_BODY_BYTES else None

    @contextmanager
    def _room(self) -> Iterator[None]:
        if not self._large.acquire(timeout=self._wait_s):
            raise Crowded("too many large deliveries at once; deliver it again later")
        try:
            yield
        finally:
            self._large.release()


def _limit_silence(request: Request) -> None:
    """Let no sender that stops in the middle of a body hold a thread for ever."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SILENCE_S)

"""A server on the loopback address, for as long as a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

POLL_S = 0.01  # how soon a request to stop is seen


class Server(Protocol):
    """What socketserver's and werkzeug's servers have in common."""

    def serve_forever(self, poll_interval: float = ...) -> None: ...

    def shutdown(self) -> None: ...

    def server_close(self) -> None: ...


Made = TypeVar("Made", bound=Server)


@contextmanager
def served(server: Made) -> Iterator[Made]:
    """`server`, which answers from a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

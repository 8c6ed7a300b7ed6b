"""Act: serve a WSGI application on the loopback address, from a thread of this process."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

POLL_S = 0.02  # how soon a request to stop is seen

Wsgi = Callable[[dict[str, object], Callable[..., object]], Iterable[bytes]]


class Loopback:
    """A place on 127.0.0.1 where an application can listen, and stop. `name` is the thread's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running: tuple[BaseWSGIServer, threading.Thread] | None = None

    def start(self, app: Wsgi, *, port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Listen on `port`, 0 for any free one; gives the base URL."""
        server = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, ssl_context=tls
        )
        thread = threading.Thread(
            target=server.serve_forever, args=(POLL_S,), name=self._name, daemon=True
        )
        thread.start()
        self._running = server, thread
        return f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        if self._running is None:
            return
        server, thread = self._running
        server.shutdown()
        thread.join()
        server.server_close()
        self._running = None


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: requests are kept, not printed."""

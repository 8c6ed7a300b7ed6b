"""A stand-in of GitHub that fails a share of its requests, in every way that forges fail. Acts."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.demo.github_double import GitHubDouble, Wsgi

RETRY_AFTER_S = 2
SLOW_S = 22.0  # longer than the client waits for an answer
IN_FLIGHT_S = 0.5
FAULTS: Sequence[tuple[str, int]] = (
    ("500", 6),
    ("502", 6),
    ("403 with retry-after", 6),
    ("truncated JSON", 6),
    ("reset", 6),
    ("lost answer", 4),
    ("time-out", 1),
)
Start = Callable[..., object]
Environ = dict[str, object]


class Storm(GitHubDouble):
    """Fails `share` of the requests; counts them, and those that came before they were allowed.

    Whoever was answered 403 with retry-after is to send nothing at all for that long, as GitHub
    asks of an account. What was on its way by then comes within `in_flight_s`.

    slow_s  how long an answer that never comes keeps its asker waiting
    clock   seconds, for the requests that come too early
    """

    def __init__(
        self,
        *,
        token: str,
        share: float,
        seed: int,
        slow_s: float = SLOW_S,
        in_flight_s: float = IN_FLIGHT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(token=token)
        self.share = share
        self.counted: Counter[str] = Counter()
        self.too_early = 0
        self._slow_s = slow_s
        self._in_flight_s = in_flight_s
        self._clock = clock
        self._chance = random.Random(seed)
        self._closed = (0.0, 0.0)  # from and until when nothing may come
        self._counting = threading.Lock()

    def _one_by_one(self) -> Wsgi:
        real = super()._one_by_one()

        def serve(environ: Environ, start: Start) -> Iterable[bytes]:
            fault = self._fault()
            if fault == "time-out":
                time.sleep(self._slow_s)
            return HOW[fault](real, environ, start) if fault else real(environ, start)

        return serve

    def _fault(self) -> str:
        with self._counting:
            now = self._clock()
            since, until = self._closed
            self.counted["requests"] += 1
            self.too_early += since + self._in_flight_s < now < until
            if self._chance.random() >= self.share:
                return ""
            names, weights = zip(*FAULTS, strict=True)
            fault = self._chance.choices(names, weights)[0]
            self.counted[fault] += 1
            if fault.startswith("403"):
                self._closed = (now, now + RETRY_AFTER_S * 0.95)
            return fault


def _refuse(status: str, headers: Sequence[tuple[str, str]] = ()) -> Callable[..., Iterable[bytes]]:
    def fail(_real: Wsgi, _environ: Environ, start: Start) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/json"), *headers])
        return [b'{"message": "You have exceeded a secondary rate limit"}']

    return fail


def _cut_short(real: Wsgi, environ: Environ, start: Start) -> Iterable[bytes]:
    """Carry the request out and send half of the answer; JSON as if that were all of it."""
    said: list[tuple[str, str]] = []
    whole = b"".join(real(environ, lambda _status, headers, *_: said.extend(headers)))
    if not whole:  # there is no half of it
        _hang_up(environ)
    kind = next((value for name, value in said if name.lower() == "content-type"), "")
    length = [] if "json" in kind else [("Content-Length", str(len(whole)))]
    start("200 OK", [("Content-Type", kind), *length])
    return [whole[: len(whole) // 2]]


def _reset(_real: Wsgi, environ: Environ, _start: Start) -> Iterable[bytes]:
    """Close the connection without a word."""
    _hang_up(environ)
    return []


def _lose(real: Wsgi, environ: Environ, _start: Start) -> Iterable[bytes]:
    """Carry the request out, and close the connection instead of answering."""
    real(environ, lambda *_: None)
    _hang_up(environ)
    return []


def _hang_up(environ: Environ) -> None:
    connection = environ["werkzeug.socket"]
    assert isinstance(connection, socket.socket)
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


HOW: dict[str, Callable[[Wsgi, Environ, Start], Iterable[bytes]]] = {
    "500": _refuse("500 Internal Server Error"),
    "502": _refuse("502 Bad Gateway"),
    "403 with retry-after": _refuse("403 Forbidden", [("Retry-After", str(RETRY_AFTER_S))]),
    "truncated JSON": _cut_short,
    "reset": _reset,
    "lost answer": _lose,
    "time-out": _reset,
}

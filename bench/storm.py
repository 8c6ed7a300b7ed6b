"""A stand-in of GitHub that fails a share of its requests, in every way that forges fail. Acts."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.demo.github_double import GitHubDouble, Wsgi

RETRY_AFTER_S = 2
SLOW_S = 22.0  # longer than the client waits for an answer
FAULTS: Sequence[tuple[str, int]] = (
    ("500", 6),
    ("502", 6),
    ("403 with retry-after", 6),
    ("truncated JSON", 6),
    ("reset", 6),
    ("lost answer", 4),
    ("time-out", 1),
)
CHANGE = re.compile(r"^(/repos/[^/]+/[^/]+)/")
Start = Callable[..., object]
Environ = dict[str, object]


class Storm(GitHubDouble):
    """Fails `share` of the requests; counts them, and those that came before they were allowed.

    A repository that was answered 403 with retry-after is to be left alone for that long. In this
    stand-in each change has a repository of its own.
    """

    def __init__(self, *, token: str, share: float, seed: int) -> None:
        super().__init__(token=token)
        self.share = share
        self.counted: Counter[str] = Counter()
        self.too_early = 0
        self._chance = random.Random(seed)
        self._allowed_at: dict[str, float] = {}
        self._counting = threading.Lock()

    def _one_by_one(self) -> Wsgi:
        real = super()._one_by_one()

        def serve(environ: Environ, start: Start) -> Iterable[bytes]:
            fault = self._fault(str(environ["PATH_INFO"]))
            return HOW[fault](real, environ, start) if fault else real(environ, start)

        return serve

    def _fault(self, path: str) -> str:
        found = CHANGE.match(path)
        whose = found[1] if found else path
        with self._counting:
            self.counted["requests"] += 1
            self.too_early += time.monotonic() < self._allowed_at.get(whose, 0.0)
            if self._chance.random() >= self.share:
                return ""
            names, weights = zip(*FAULTS, strict=True)
            fault = self._chance.choices(names, weights)[0]
            self.counted[fault] += 1
            if fault.startswith("403"):
                self._allowed_at[whose] = time.monotonic() + RETRY_AFTER_S * 0.9
            return fault


def _refuse(status: str, headers: Sequence[tuple[str, str]] = ()) -> Callable[..., Iterable[bytes]]:
    def fail(_real: Wsgi, _environ: Environ, start: Start) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/json"), *headers])
        return [b'{"message": "You have exceeded a secondary rate limit"}']

    return fail


def _cut_short(real: Wsgi, environ: Environ, start: Start) -> Iterable[bytes]:
    """Carry the request out, and send half of the answer."""
    whole = b"".join(real(environ, lambda *_: None))
    start("200 OK", [("Content-Type", "application/json")])
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


def _be_slow(_real: Wsgi, environ: Environ, _start: Start) -> Iterable[bytes]:
    time.sleep(SLOW_S)
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
    "time-out": _be_slow,
}

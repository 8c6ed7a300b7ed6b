"""What strangers can make a receiver hold, and for how long."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import EnvironBuilder

from bot.body import LARGE_BYTES, MAX_BODY_BYTES, READ_WITHIN_S, Crowded, Reader


class Slow(io.RawIOBase):
    """Gives one byte at a time, and `tick` is called before each."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.given = 0
        self._tick = tick

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        self._tick()
        self.given += 1
        buffer[:1] = b"x"
        return 1


def request(body: bytes | io.IOBase, *, length: int | None = None) -> Request:
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    size = len(body) if isinstance(body, bytes) else length
    environ = EnvironBuilder(method="POST", path="/webhooks/github").get_environ()
    return Request({**environ, "wsgi.input": stream, "CONTENT_LENGTH": str(size)})


def test_a_sender_that_sends_a_byte_now_and_then_is_cut_off() -> None:
    now_s = [0.0]

    def tick() -> None:
        now_s[0] += 5.0

    slow = Slow(tick)
    reader = Reader(clock=lambda: now_s[0])
    with pytest.raises(ClientDisconnected), reader.reading(request(slow, length=1000)):
        pass
    assert slow.given <= READ_WITHIN_S / 5.0 + 1


def test_no_more_large_bodies_are_held_at_once_than_there_is_room_for() -> None:
    reader = Reader(most_large=1, wait_s=0.0)
    large, small = b"x" * (LARGE_BYTES + 1), b"x" * LARGE_BYTES
    with reader.reading(request(large)) as held:
        assert held == large
        with reader.reading(request(small)) as other:
            assert other == small
        with pytest.raises(Crowded, match="deliver it again"), reader.reading(request(large)):
            pass
    with reader.reading(request(large)) as held:
        assert held == large


def test_the_room_of_a_body_that_broke_off_is_free_again() -> None:
    reader = Reader(most_large=1, wait_s=0.0)
    large = b"x" * (LARGE_BYTES + 1)
    broken = request(io.BytesIO(large), length=len(large) + 1)
    with pytest.raises(ClientDisconnected), reader.reading(broken):
        pass
    with reader.reading(request(large)) as held:
        assert held == large


def test_a_body_that_says_it_is_too_long_is_read_and_takes_no_room() -> None:
    reader = Reader(most_large=1, wait_s=0.0)
    stream = io.BytesIO(b"x" * (MAX_BODY_BYTES + 1))
    with (
        reader.reading(request(b"x" * (LARGE_BYTES + 1))),
        reader.reading(request(stream, length=MAX_BODY_BYTES + 1)) as body,
    ):
        assert body is None
    assert stream.tell() == MAX_BODY_BYTES + 1

from __future__ import annotations

from threading import Event, active_count

import pytest

from worker.heartbeat import beating


def test_it_beats_while_the_work_goes_on() -> None:
    beaten = Event()
    with beating(beaten.set, every_s=0.001):
        assert beaten.wait(10)


def test_it_stops_when_the_work_fails() -> None:
    before = active_count()
    with pytest.raises(RuntimeError), beating(lambda: None, every_s=0.001):
        raise RuntimeError
    assert active_count() == before

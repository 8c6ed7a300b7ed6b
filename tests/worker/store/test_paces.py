"""What an account did at its forge, shared by the workers of a fleet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from worker.forges.base import Unavailable
from worker.forges.pace import NO_LIMITS, Limits, Pace, Past
from worker.store.paces import StoredMemory

NOW = 1_000_000.0


def test_workers_of_two_machines_take_turns(engine: Engine) -> None:
    waits: list[float] = []

    def write(_: int) -> None:
        memory = StoredMemory(engine, "github-1")
        Pace(Limits(1.0, ()), memory, clock=lambda: NOW, sleep=waits.append).before_write()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    assert sorted(waits) == [1, 2, 3, 4, 5, 6, 7]


def test_what_one_worker_is_told_all_of_its_account_know(engine: Engine) -> None:
    first, second, stranger = (
        Pace(NO_LIMITS, StoredMemory(engine, account), clock=lambda: NOW, sleep=lambda _: None)
        for account in ("github-1", "github-1", "github-2")
    )
    first.told(60)
    first.told(30)
    with pytest.raises(Unavailable) as caught:
        second.before()
    assert caught.value.retry_after_s == 60
    stranger.before()


def test_what_is_not_to_be_done_now_is_not_written_down(engine: Engine) -> None:
    memory = StoredMemory(engine, "github-1")
    pace = Pace(Limits(500.0, ()), memory, clock=lambda: NOW, sleep=lambda _: None)
    pace.before_write()
    with pytest.raises(Unavailable):
        pace.before_write()
    assert memory.read() == Past((NOW,), 0.0)

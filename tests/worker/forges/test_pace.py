"""The brake on writes: a second apart, 80 a minute and 500 an hour, whoever writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.forges.base import Unavailable
from worker.forges.github_api import WINDOWS
from worker.forges.pace import FileMemory, Limits, Pace, Past

LIMITS = Limits(1.0, WINDOWS)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def brake(path: Path, clock: Clock, limits: Limits = LIMITS) -> Pace:
    return Pace(limits, FileMemory(path), clock=clock.time, sleep=clock.sleep)


def test_writes_of_two_processes_are_a_second_apart(tmp_path) -> None:
    clock = Clock()
    one, other = (brake(tmp_path / "pace" / "x.json", clock) for _ in range(2))
    times = []
    for pace in (one, other, one, other):
        pace.before_write()
        times.append(clock.now - 1_000_000)
    assert times == [0, 1, 2, 3]


def test_no_minute_sees_more_than_eighty_writes(tmp_path) -> None:
    clock = Clock()
    pace = brake(tmp_path / "x.json", clock, Limits(0.1, WINDOWS))
    for _ in range(80):
        pace.before_write()
    with pytest.raises(Unavailable) as caught:
        pace.before_write()
    assert 51 < caught.value.retry_after_s < 53
    clock.now += caught.value.retry_after_s
    pace.before_write()


@pytest.mark.parametrize(
    ("writes", "wait_s"),
    [
        ([], 0),
        ([99.5], 0.5),
        ([40.0 + n / 10 for n in range(80)], 0),
        ([60.0 + n / 10 for n in range(80)], 20),
        ([-3000.0 + n for n in range(500)], 500),
        ([-4000.0 + n for n in range(300)], 0),
    ],
)
def test_the_wait_follows_from_the_writes_before(writes, wait_s) -> None:
    assert LIMITS.wait_s(writes, now=100.0) == pytest.approx(wait_s)


@pytest.mark.parametrize(
    "text", ["", "[1,", "{}", '["a"]', "[9e99]", '{"writes": 1, "closed_until": true}']
)
def test_a_memory_that_cannot_be_used_is_begun_anew(tmp_path, text) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    brake(path, Clock()).before_write()
    assert Past.read(path.read_text()) == Past((1_000_000.0,), 0.0)

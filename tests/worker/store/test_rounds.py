from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest

from worker.store.rounds import Rounds

LONG_S = 20.0  # only a broken round ever waits for so long


class Locked(Exception):
    pass


class Bad(Exception):
    pass


@dataclass
class Disk:
    """Commits when it is told to, and remembers what went together."""

    rounds: list[list[str]] = field(default_factory=list)
    begun: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    failures: dict[str, Exception] = field(default_factory=dict)

    def write(self, jobs: Sequence[str]) -> list[str]:
        self.begun.set()
        assert self.go.wait(LONG_S)
        for job in jobs:
            if job in self.failures:
                raise self.failures[job]
        self.rounds.append(list(jobs))
        return [job.upper() for job in jobs]


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def rounds(disk: Disk) -> Rounds[str, str]:
    return Rounds(disk.write, is_everybodys=lambda failure: isinstance(failure, Locked))


@pytest.fixture
def crowd(rounds: Rounds[str, str], disk: Disk) -> Iterator[Callable[..., list[Future[str]]]]:
    """Puts one job on its way to the disk, and others into the round that gathers meanwhile."""
    with ThreadPoolExecutor(8) as pool:

        def come(first: str, *others: str) -> list[Future[str]]:
            callers = [pool.submit(rounds, first)]
            assert disk.begun.wait(LONG_S)
            for number, job in enumerate(others, start=1):
                callers.append(pool.submit(rounds, job))
                _until(lambda number=number: rounds.gathered == number)
            return callers

        yield come
        disk.go.set()


def _until(is_so: Callable[[], bool]) -> None:
    waiting = Event()
    for _ in range(2000):
        if is_so():
            return
        waiting.wait(0.005)
    raise AssertionError("it never came to that")


def test_a_caller_waits_until_its_job_is_written(
    disk: Disk, crowd: Callable[..., list[Future[str]]]
) -> None:
    (caller,) = crowd("a")
    assert not caller.done()
    disk.go.set()
    assert caller.result(LONG_S) == "A"
    assert disk.rounds == [["a"]]


def test_who_comes_during_a_write_shares_the_next_and_each_gets_its_own_answer(
    disk: Disk, crowd: Callable[..., list[Future[str]]]
) -> None:
    callers = crowd("a", "b", "c", "d")
    disk.go.set()
    assert [caller.result(LONG_S) for caller in callers] == ["A", "B", "C", "D"]
    assert disk.rounds == [["a"], ["b", "c", "d"]]


def test_a_job_that_cannot_be_written_spoils_nobody_elses(
    disk: Disk, crowd: Callable[..., list[Future[str]]]
) -> None:
    disk.failures["c"] = Bad("c")
    a, b, c, d = crowd("a", "b", "c", "d")
    disk.go.set()
    assert [caller.result(LONG_S) for caller in (a, b, d)] == ["A", "B", "D"]
    with pytest.raises(Bad):
        c.result(LONG_S)
    assert sorted(disk.rounds) == [["a"], ["b"], ["d"]]


def test_a_disk_that_takes_nothing_is_asked_once_for_the_whole_round(
    disk: Disk, crowd: Callable[..., list[Future[str]]]
) -> None:
    disk.failures["b"] = Locked("database is locked")
    a, b, c = crowd("a", "b", "c")
    disk.go.set()
    assert a.result(LONG_S) == "A"
    for caller in (b, c):
        with pytest.raises(Locked):
            caller.result(LONG_S)
    assert disk.rounds == [["a"]]


def test_after_a_failure_the_next_job_is_written(disk: Disk, rounds: Rounds[str, str]) -> None:
    disk.go.set()
    disk.failures["a"] = Locked("database is locked")
    with pytest.raises(Locked):
        rounds("a")
    assert rounds("b") == "B"

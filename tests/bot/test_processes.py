"""Starting, restarting and stopping programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot.processes import MAX_DEATHS, GaveUp, Program, Supervisor, restart_delay_s

# A program with a child of its own, which ignores SIGTERM as the worst grandchild would.
FAMILY = (
    "import os, signal, subprocess, sys, time\n"
    "child = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    'print("here", flush=True); time.sleep(600)\'\n'
    "subprocess.Popen([sys.executable, '-c', child])\n"
    "time.sleep(600)\n"
)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not come about within 30 s"
        time.sleep(0.02)


def python(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), {"PATH": os.environ["PATH"]})


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str], clock: Clock) -> Iterator[Supervisor]:
    with Supervisor(logs=tmp_path, workdir=tmp_path, report=said.append, clock=clock) as one:
        yield one
        clock.now = float("inf")  # nobody waits for stubborn processes


def test_each_restart_waits_longer_up_to_a_bound() -> None:
    delays = [restart_delay_s(deaths) for deaths in range(1, 20)]
    assert delays == sorted(delays)
    assert delays[0] == 1.0
    assert delays[-1] == 30.0


@pytest.mark.journey
def test_a_program_that_dies_is_started_again_after_its_delay(
    supervisor: Supervisor, clock: Clock, said: list[str]
) -> None:
    supervisor.start(python("one", "import time; time.sleep(600)"))
    first = supervisor.pids()["one"]
    os.kill(first, signal.SIGKILL)
    until(lambda: bool(supervisor.tend() or not supervisor.pids()))
    assert "one ended with signal SIGKILL; starting it again in 1 s" in said[0]
    supervisor.tend()
    assert supervisor.pids() == {}
    clock.now += 1.0
    supervisor.tend()
    assert supervisor.pids()["one"] != first


@pytest.mark.journey
def test_a_program_that_dies_again_and_again_is_given_up(
    supervisor: Supervisor, clock: Clock, said: list[str]
) -> None:
    supervisor.start(python("one", "raise SystemExit(7)"))

    def die() -> bool:
        clock.now += 31.0 if not supervisor.pids() else 0.0
        supervisor.tend()
        return False

    with pytest.raises(
        GaveUp, match=r"one ended 6 times in a row, last with exit code 7.*one\.log"
    ):
        until(die)
    assert len(said) == MAX_DEATHS - 1


@pytest.mark.journey
def test_what_dies_while_starting_says_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start(python("one", "raise SystemExit('gavel: set THIS variable')"))
    with pytest.raises(GaveUp, match=r"while starting.*set THIS variable"):
        until(lambda: bool(supervisor.refuse_dead()))


@pytest.mark.journey
def test_a_program_that_is_not_there_is_one_sentence(supervisor: Supervisor) -> None:
    with pytest.raises(GaveUp, match="/no/such cannot be run"):
        supervisor.start(Program("one", ("/no/such",), {}))


@pytest.mark.journey
def test_grandchildren_are_stopped_too(
    tmp_path: Path, supervisor: Supervisor, clock: Clock
) -> None:
    supervisor.start(python("one", FAMILY))
    until(lambda: "here" in (tmp_path / "one.log").read_text())
    family = [child.pid for child in psutil.Process().children(recursive=True)]
    assert len(family) >= 3  # the keeper, the program and its child
    clock.now = float("inf")
    supervisor.stop()
    until(lambda: not any(is_alive(pid) for pid in family))


@pytest.mark.journey
def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from bot.processes import Program, Supervisor\n"
        f"here = Path({str(tmp_path)!r})\n"
        "with Supervisor(logs=here, workdir=here, report=print) as supervisor:\n"
        f"    supervisor.start(Program('one', (sys.executable, '-c', {FAMILY!r}), {{}}))\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as killed:
        until(lambda: (tmp_path / "one.log").exists())
        until(lambda: "here" in (tmp_path / "one.log").read_text())
        family = [child.pid for child in psutil.Process(killed.pid).children(recursive=True)]
        killed.kill()
    assert len(family) >= 3
    until(lambda: not any(is_alive(pid) for pid in family))

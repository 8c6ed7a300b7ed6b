"""What answers take: time, that of processes below this one too, and the peak of memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from judge.examples import Call
from judge.execute import PythonRunner
from judge.study.answers import Answer
from judge.study.pool import pool_of
from judge.study.timing import cpu_below, forget_peak, give_memory_back, peak_mib, timed

TASK = pool_of(
    [{"task_id": "t", "label": 1, "code": "a"}, {"task_id": "t", "label": 0, "code": "b"}]
)[0]
BUSY = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what is measured is told by Linux")
MIB = 1 << 20


def answered(*, busy: bool = False, size: int = 0) -> dict[str, list[Answer]]:
    if busy:
        subprocess.run([sys.executable, "-S", "-c", BUSY], check=True)
    held = bytearray(b"\1") * size
    return {"one": [Answer(one.id, float(len(held))) for one in TASK]}


@LINUX
def test_the_time_of_other_processes_counts_where_they_do_a_part() -> None:
    with_others = timed(TASK, lambda: answered(busy=True), others=True)["one"]
    alone = timed(TASK, lambda: answered(busy=True))["one"]
    assert sum(one.cpu_seconds or 0 for one in with_others) >= 0.25
    assert sum(one.cpu_seconds or 0 for one in alone) < 0.25
    assert all(one.seconds > 0 for one in alone)


@LINUX
def test_a_process_that_still_runs_counts_too() -> None:
    before = cpu_below()
    assert before is not None
    reading = f"{BUSY}\nprint('spent', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", reading], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"spent\n"
        spent = cpu_below()
        child.communicate(b"\n")
    assert spent is not None
    assert spent - before >= 0.25


@pytest.mark.sandbox
def test_what_a_candidate_spends_in_the_sandbox_counts() -> None:
    spends = (
        "import time\n"
        "def f(x):\n"
        "    until = time.process_time() + 0.1\n"
        "    while time.process_time() < until: pass\n"
        "    return x\n"
    )
    with PythonRunner() as runner:
        before = cpu_below()
        (reply,) = runner.replies(spends, [Call("f", (1,), {})])
        runner.replies("def f(x): return x\n", [Call("f", (1,), {})])  # the cell before has ended
        after = cpu_below()
    assert reply.value == 1
    assert after is not None
    assert before is not None
    assert after - before >= 0.08


@LINUX
def test_each_system_has_a_peak_of_its_own() -> None:
    large = timed(TASK, lambda: answered(size=200 * MIB))["one"][0].memory_mib
    give_memory_back()
    small = timed(TASK, answered)["one"][0].memory_mib
    if large is None or small is None:
        pytest.skip("this kernel does not let the peak begin anew")
    assert 150 < large - small < 1000


def test_where_nothing_is_told_nothing_is_guessed(tmp_path: Path) -> None:
    assert not forget_peak(tmp_path / "none")
    assert peak_mib(tmp_path / "none") is None
    assert cpu_below(tmp_path / "none") is None

"""Measure what answers about a task take. Acts: reads the clocks, and what Linux tells in /proc."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from judge.study.answers import Answer
from judge.study.pool import Candidate

Task = Sequence[Candidate]
PROC = Path("/proc")
_FORGET_PEAK = "5"  # written to clear_refs: the peak is then what is resident now
_PARENT, _TIMES = 1, slice(11, 15)  # of /proc/N/stat behind the name: own and of ended children


def timed(
    task: Task, work: Callable[[], dict[str, list[Answer]]], *, others: bool = False
) -> dict[str, list[Answer]]:
    """What `work` gives, with the time that it took, in even shares, and the peak of memory.

    others  processes below this one do a part: their processor time counts too, where known
    """
    forgot = forget_peak()
    wall, cpu = time.perf_counter(), _cpu(others=others)
    told = work()
    seconds = (time.perf_counter() - wall) / len(task)
    after = _cpu(others=others)
    cpu_seconds = None if cpu is None or after is None else max(0.0, after - cpu) / len(task)
    memory = peak_mib() if forgot else None
    return {
        name: [
            replace(one, seconds=seconds, cpu_seconds=cpu_seconds, memory_mib=memory)
            for one in answers
        ]
        for name, answers in told.items()
    }


def forget_peak(proc: Path = PROC) -> bool:
    """Let the peak of this process's memory begin anew; whether that could be done."""
    try:
        (proc / "self" / "clear_refs").write_text(_FORGET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def give_memory_back() -> None:
    """Free what nothing holds any more, so that the next system is not charged for it."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library has none
            ctypes.CDLL(None).malloc_trim(0)


def peak_mib(proc: Path = PROC) -> float | None:
    """The most memory that this process had resident, in MiB, mapped files included."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (proc / "self" / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None


def cpu_below(proc: Path = PROC) -> float | None:
    """Processor seconds of all processes below this one, ended ones included; None where unknown.

    What a process spent goes over to its parent when that has waited for its end.
    """
    found = {pid: one for pid in _numbers(proc) if (one := _stat(proc / str(pid) / "stat"))}
    if not found:
        return None
    below, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, one in found.items() if int(one[_PARENT]) in below} - below
        below, grown = below | more, bool(more)
    ticks = sum(int(one) for pid in below - {os.getpid()} for one in found[pid][_TIMES])
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ticks / os.sysconf("SC_CLK_TCK") + ended.ru_utime + ended.ru_stime


def _cpu(*, others: bool) -> float | None:
    own = time.process_time()
    if not others:
        return own
    below = cpu_below()
    return None if below is None else own + below


def _numbers(proc: Path) -> list[int]:
    try:
        return [int(one.name) for one in proc.iterdir() if one.name.isdigit()]
    except OSError:
        return []


def _stat(file: Path) -> Sequence[str]:
    """The fields behind the process's name, or none where it is gone."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ()

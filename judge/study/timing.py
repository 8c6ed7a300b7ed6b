"""Measure what answers about a task take. Acts: reads the clocks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from judge.study.answers import Answer
from judge.study.pool import Candidate

Task = Sequence[Candidate]


def timed(
    task: Task, work: Callable[[], dict[str, list[Answer]]], *, elsewhere: bool = False
) -> dict[str, list[Answer]]:
    """What `work` gives, with the time that it took, in even shares.

    elsewhere  other processes do the work: the processor time is not known
    """
    wall, cpu = time.perf_counter(), time.process_time()
    told = work()
    seconds = (time.perf_counter() - wall) / len(task)
    cpu_seconds = None if elsewhere else (time.process_time() - cpu) / len(task)
    return {
        name: [replace(one, seconds=seconds, cpu_seconds=cpu_seconds) for one in answers]
        for name, answers in told.items()
    }

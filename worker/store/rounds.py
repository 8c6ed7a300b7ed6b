"""Acts: lets callers that come at the same time share one write.

A commit waits for the disk, and SQLite makes one commit at a time. While one round is on its
way to the disk, the next one gathers whoever comes meanwhile, so that a crowd pays for as many
waits as there are rounds. A caller gets its answer after its round is committed, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Round(Generic[Job, Answer]):
    jobs: list[Job] = field(default_factory=list)
    written: Future[Sequence[Answer]] = field(default_factory=Future)


class Rounds(Generic[Job, Answer]):
    """Calls `write` with the jobs of one round after another, from a thread of its own.

    write         stores the jobs in one transaction; one answer per job, in order
    is_everybodys whether a failure of `write` would befall each job alone too. Any other may be
                  the fault of one job, so each job of that round is then written alone
    """

    def __init__(
        self,
        write: Callable[[Sequence[Job]], Sequence[Answer]],
        *,
        is_everybodys: Callable[[BaseException], bool],
    ) -> None:
        self._write = write
        self._is_everybodys = is_everybodys
        self._lock = Lock()
        self._gathering: _Round[Job, Answer] | None = None
        self._writer = ThreadPoolExecutor(1, "writer")  # starts with the first job

    def __call__(self, job: Job) -> Answer:
        """Write `job` and return its answer. Raises what `write` raised."""
        round_, place = self._join(job)
        failure = round_.written.exception()
        if failure is None:
            return round_.written.result()[place]
        if len(round_.jobs) == 1 or self._is_everybodys(failure):
            raise failure
        return self._writer.submit(self._write, (job,)).result()[0]

    @property
    def gathered(self) -> int:
        """How many jobs wait for the next round to begin."""
        with self._lock:
            return len(self._gathering.jobs) if self._gathering else 0

    def _join(self, job: Job) -> tuple[_Round[Job, Answer], int]:
        with self._lock:
            round_ = self._gathering
            if round_ is None:
                round_ = self._gathering = _Round()
                round_.written = self._writer.submit(self._close, round_)
            round_.jobs.append(job)
            return round_, len(round_.jobs) - 1

    def _close(self, round_: _Round[Job, Answer]) -> Sequence[Answer]:
        """In the writer's thread: nobody joins any more, and the round is written."""
        with self._lock:
            self._gathering = None
        return self._write(round_.jobs)

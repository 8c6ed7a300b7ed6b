"""A worker process of the journeys: the real one, with a judge that waits until it may answer.

    python worker_app.py io|gpu|beat

A judge writes its process id to GAVEL_HOME/judging and answers once GAVEL_HOME/go exists.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from judge.types import Example, Verdict
from worker import tasks
from worker.settings import WorkerSettings

PATIENCE_S = 90


class WaitingJudge:
    name = "waiting 1.0"

    def __init__(self, home: Path) -> None:
        self._home = home

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        (self._home / "judging").write_text(str(os.getpid()))
        end = time.monotonic() + PATIENCE_S
        while not (self._home / "go").exists():
            if time.monotonic() > end:
                raise TimeoutError("nobody said go")
            time.sleep(0.05)
        return [Verdict(0.05 if "-" in one.code else 0.95, 0.0, self.name) for one in examples]


if __name__ == "__main__":
    settings = WorkerSettings()
    tasks.run(sys.argv[1], settings, load_judge=lambda: WaitingJudge(settings.home))

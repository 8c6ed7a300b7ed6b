"""A worker as `gavel worker` runs it, with a judge that takes a fixed time for each snippet.

    .venv/bin/python bench/fleet_worker.py io|gpu|beat

BENCH_SNIPPET_S in the environment says how long, in seconds. The judge waits and does not compute,
so that what is measured is everything around a model, on any machine. Acts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from judge.types import Example, Verdict
from worker import tasks
from worker.settings import WorkerSettings


class SlowJudge:
    """Calls code with a minus sign wrong, after a fixed time per example."""

    name = "fixed latency"

    def __init__(self, snippet_s: float) -> None:
        self._snippet_s = snippet_s

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order."""
        time.sleep(self._snippet_s * len(examples))
        return [Verdict(0.05 if "-" in one.code else 0.95, 0.0, self.name) for one in examples]


if __name__ == "__main__":
    latency_s = float(os.environ.get("BENCH_SNIPPET_S", "0"))
    tasks.run(sys.argv[1], WorkerSettings(), load_judge=lambda: SlowJudge(latency_s))

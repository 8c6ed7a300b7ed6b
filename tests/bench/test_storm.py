"""A forge that fails three requests in ten, in every way that forges fail: reviews arrive."""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from judge.types import Example, Verdict
from worker import stages
from worker.desk import Desk
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth
from worker.forges.open import HICCUPS_S
from worker.forges.pace import NO_LIMITS, FileMemory, Pace
from worker.jobs import ChangeRef, ReviewJob
from worker.patience import Patience
from worker.queue import Stage
from worker.store import deliveries
from worker.store.engine import open_engine
from worker.store.migrate import upgrade

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from storm import Storm

TOKEN, BASE, CHANGES, SHARE = "a-token-of-the-test", "0" * 40, 8, 0.3
CODE = "def add{push}(a, b):\n    return a - b\n"  # another one, or nothing new is said of it
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add{push}(a, b):\n+    return a - b\n"
)
BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FixedJudge:
    name = "fixed 1.0"

    def judge(self, examples) -> list[Verdict]:
        assert all(isinstance(one, Example) for one in examples)
        return [Verdict(0.05, -3.0, self.name) for _ in examples]


@dataclass
class Day:
    """One worker for everything, a queue, and a clock that only waiting moves."""

    home: Path
    seed: int
    now_s: float = 0.0
    queue: list[tuple[float, int, Stage, int]] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.home / 'gavel.sqlite'}"
        upgrade(url)
        self.engine = open_engine(url)
        self.forge = Storm(
            token=TOKEN,
            share=SHARE,
            seed=self.seed,
            slow_s=0.0,
            in_flight_s=0.0,
            clock=self.seconds,
        )
        self.client = client(token_auth(TOKEN), url=self.forge.start(), seconds_between_writes=0)
        memory = FileMemory(self.home / "pace.json")
        pace = Pace(NO_LIMITS, memory, clock=self.seconds, sleep=self.wait)
        self.api = GitHubApi(self.client, pace=pace, hiccups=HICCUPS_S, pause=self.wait)
        self.desk = Desk(
            self.engine,
            self.send,
            lambda: BEGIN + timedelta(seconds=self.now_s),
            Patience(lease_s=3600),
        )

    def seconds(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def send(self, stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        self.sent += 1
        heapq.heappush(self.queue, (self.now_s + delay_s, self.sent, stage, review_id))

    def deliver(self, number: int, head: str, *, push: int) -> None:
        at = {"repo": "octo/r", "number": number, "head_sha": head}
        files, diff = {head: {"sums.py": CODE.format(push=push)}}, DIFF.format(push=push)
        if push:
            self.forge.push(**at, diff=diff, files=files)
        else:
            self.forge.add_change(**at, base_sha=BASE, diff=diff, files=files)
        job = ReviewJob(ChangeRef("github", "octo/r", number, head), head, "opened")
        recorded = deliveries.record(self.engine, job, now=self.desk.clock())
        self.send("prepare", recorded.review_id)

    def work(self, *, until_s: float) -> None:
        """What is in the queue, in the order of its time, and what the sweep finds."""
        while self.now_s < until_s:
            if not self.queue:
                self.now_s += 30
                if not stages.sweep(self.desk):
                    return
                continue
            due_s, _, stage, review_id = heapq.heappop(self.queue)
            self.now_s = max(self.now_s, due_s)
            self.run(stage, review_id)

    def run(self, stage: Stage, review_id: int) -> None:
        if stage == "score":
            return stages.score(self.desk, review_id, judge_of=FixedJudge)
        io = {"prepare": stages.prepare, "publish": stages.publish, "conclude": stages.conclude}
        return io[stage](self.desk, review_id, forge_of=lambda _: GitHubForge(self.api))

    def close(self) -> None:
        self.client.close()
        self.forge.stop()
        self.engine.dispose()


@pytest.fixture(params=[1, 2])
def day(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path, request.param)
    yield made
    made.close()


def test_every_review_arrives_once_no_limit_is_broken_and_nobody_runs_hot(day: Day) -> None:
    heads = {}
    for number in range(1, CHANGES + 1):
        for push in range(1 + number % 2):
            heads[number] = f"{number:020x}{push:020x}"
            day.deliver(number, heads[number], push=push)
            day.work(until_s=day.now_s + 5)  # the next push comes in the middle of the work
    day.work(until_s=day.now_s + 24 * 3600)
    counted = day.forge.counted
    assert Counter(one.commit_id for one in day.forge.reviews).keys() >= set(heads.values())
    assert max(Counter(one.commit_id for one in day.forge.reviews).values()) == 1
    assert {one.status for one in day.forge.check_runs} == {"completed"}
    assert day.forge.too_early == 0
    assert counted["403 with retry-after"] > 3
    assert counted["requests"] / len(heads) < 120

"""A desk, a queue that is run by hand, and the clock on the wall: a team of workers in a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from judge.types import Example, Judge, Verdict
from worker import asking, stages
from worker.desk import Desk
from worker.forges.base import Forge
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef, Remark, RemarkJob, ReviewJob
from worker.patience import Patience
from worker.queue import BrokerDown, Stage
from worker.store import asks, deliveries, reviews
from worker.store.asks import Ask
from worker.store.reviews import StoredReview
from worker.types import Description

CHANGE = ChangeRef("memory", "octo/hello", 7, "head")
DIFF = """\
diff --git a/sums.py b/sums.py
new file mode 100644
--- /dev/null
+++ b/sums.py
@@ -0,0 +1,2 @@
+def add(a, b):
+    return a - b
"""


class FixedJudge:
    name = "fixed 1.0"

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        return [Verdict(0.1, -2.0, self.name) for _ in examples]


def given_forge() -> MemoryForge:
    description = Description("head", "base", "Add sums", "", "octo", True, is_draft=False)
    return MemoryForge(
        description, DIFF, {("head", "sums.py"): "def add(a, b):\n    return a - b\n"}
    )


@dataclass
class Office:
    """A desk, a queue that is run by hand, and the clock on the wall."""

    engine: Engine
    now: datetime
    forge: MemoryForge = field(default_factory=given_forge)
    judge_of: Callable[[], Judge] = FixedJudge
    sent: list[tuple[Stage, int, float]] = field(default_factory=list)
    is_broker_down: bool = False

    def send(self, stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        if self.is_broker_down:
            raise BrokerDown("down")
        self.sent.append((stage, review_id, delay_s))

    @property
    def desk(self) -> Desk:
        patience = Patience(
            lease_s=60, send_again_s=20, max_attempts=3, max_postponed=4, max_model_waits=3
        )
        return Desk(self.engine, self.send, lambda: self.now, patience)

    def forge_of(self, row: StoredReview | Ask) -> Forge:
        return self.forge

    def deliver(self, change: ChangeRef = CHANGE) -> int:
        job = ReviewJob(change, change.head_sha, "pull_request.opened")
        return deliveries.record(self.engine, job, now=self.now).review_id

    def say(self, remark: Remark) -> Ask:
        """Let somebody say something, and the workers answer it; the ask as it ended."""
        job = RemarkJob(remark, f"said-{remark.id}", "comment.created")
        ask_id = asks.record(self.engine, job, now=self.now)
        self.run("hear", ask_id)
        self.run_all()
        ended = asks.get(self.engine, ask_id)
        assert ended is not None
        return ended

    def run(self, stage: Stage, review_id: int) -> None:
        if stage == "score":
            stages.score(self.desk, review_id, judge_of=self.judge_of)
        elif stage == "weigh":
            asking.weigh(self.desk, review_id, judge_of=self.judge_of)
        elif stage in {"hear", "answer"}:
            talk = {"hear": asking.hear, "answer": asking.answer}
            talk[stage](self.desk, review_id, forge_of=self.forge_of)
        else:
            io = {"prepare": stages.prepare, "publish": stages.publish, "conclude": stages.conclude}
            io[stage](self.desk, review_id, forge_of=self.forge_of)

    def run_all(self) -> None:
        """What the workers do until the queue is empty; delayed messages wait."""
        while ready := [message for message in self.sent if not message[2]]:
            self.sent.remove(ready[0])
            self.run(ready[0][0], ready[0][1])

    def row(self, review_id: int) -> StoredReview:
        row = reviews.get(self.engine, review_id)
        assert row is not None
        return row

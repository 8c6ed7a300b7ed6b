from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from judge.registry import ModelMissing
from judge.types import Example, Judge, Verdict
from worker import stages
from worker.desk import Desk
from worker.forges.base import Forbidden, Forge, Unavailable
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef, ReviewJob
from worker.patience import Patience
from worker.queue import BrokerDown, Stage
from worker.store import deliveries, reviews
from worker.store.reviews import StoredReview
from worker.types import Conclusion, Description, State

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
        patience = Patience(lease_s=60, send_again_s=20, max_attempts=3, max_postponed=4)
        return Desk(self.engine, self.send, lambda: self.now, patience)

    def forge_of(self, row: StoredReview) -> Forge:
        return self.forge

    def deliver(self, change: ChangeRef = CHANGE) -> int:
        job = ReviewJob(change, change.head_sha, "pull_request.opened")
        return deliveries.record(self.engine, job, now=self.now).review_id

    def run(self, stage: Stage, review_id: int) -> None:
        if stage == "score":
            stages.score(self.desk, review_id, judge_of=self.judge_of)
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


@pytest.fixture
def office(engine: Engine, now: datetime) -> Office:
    return Office(engine, now)


def test_a_delivery_goes_all_the_way_to_one_review(office: Office) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.conclusion) == (State.PUBLISHED, Conclusion.ADVISED)
    assert (row.check_open, row.check_id, row.forge_review_id) == (
        False,
        "check-head",
        "review-head",
    )
    assert len(office.forge.published) == 1


def test_every_stage_may_run_twice(office: Office) -> None:
    review_id = office.deliver()
    for stage in ("prepare", "prepare", "score", "score", "publish", "publish", "prepare"):
        office.run(stage, review_id)
    assert office.row(review_id).state is State.PUBLISHED
    assert len(office.forge.published) == 1
    assert [stage for stage, _, _ in office.sent] == ["score", "publish"]


def test_a_stage_of_an_unknown_review_does_nothing(office: Office) -> None:
    office.run("prepare", 404)
    assert office.sent == []


def test_a_moved_head_is_superseded_and_the_newer_one_reviewed(office: Office) -> None:
    review_id = office.deliver()
    office.forge.push("newer", DIFF)
    office.run("prepare", review_id)
    office.run_all()
    old, new = reviews.of_change(office.engine, forge="memory", repo="octo/hello", number=7)
    assert (old.state, old.check_open) == (State.SUPERSEDED, False)
    assert (new.state, new.change.head_sha) == (State.PUBLISHED, "newer")


def test_a_head_that_moves_while_scoring_gets_its_check_closed(office: Office) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run("score", review_id)
    office.forge.push("newer", DIFF)
    office.run_all()
    assert office.row(review_id).state is State.SUPERSEDED
    assert not office.row(review_id).check_open
    told = [(review.conclusion, len(review.comments)) for review in office.forge.published]
    assert (Conclusion.NOT_JUDGED, 0) in told
    assert (Conclusion.ADVISED, 1) in told


def test_a_closed_change_is_ignored_in_silence(office: Office) -> None:
    office.forge.description = Description("head", "base", "t", "", "o", False, is_draft=False)
    review_id = office.deliver()
    office.run("prepare", review_id)
    assert (office.row(review_id).state, office.sent) == (State.IGNORED, [])


def test_an_unavailable_forge_is_tried_again_after_its_own_delay(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Unavailable("rate limit", retry_after_s=45))
    office.run("prepare", review_id)
    assert office.sent == [("prepare", review_id, 45)]
    office.run("prepare", review_id)
    assert office.row(review_id).state is State.QUEUED
    office.now += timedelta(seconds=45)
    office.run("prepare", review_id)
    assert office.row(review_id).state is State.PREPARED


def test_a_long_delay_is_left_to_the_sweep(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Unavailable("rate limit", retry_after_s=1800))
    office.run("prepare", review_id)
    assert office.sent == []
    office.now += timedelta(seconds=1799)
    assert stages.sweep(office.desk) == 0
    office.now += timedelta(seconds=1)
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED


def test_a_forge_that_stays_unavailable_is_given_up_after_long(office: Office) -> None:
    review_id = office.deliver()
    for _ in range(5):
        office.forge.failures[:] = [Unavailable("502", retry_after_s=1)]
        office.run("prepare", review_id)
        office.now += timedelta(hours=1)
    row = office.row(review_id)
    assert row.state is State.FAILED
    assert "unavailable for too long: 502" in row.reason


def test_a_forbidden_change_fails_with_its_reason_and_the_check_says_so(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures.append(Forbidden("the diff is not served"))
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.reason) == (State.FAILED, "the diff is not served")
    assert (row.conclusion, row.check_open) == (Conclusion.NOT_JUDGED, False)
    assert "the diff is not served" in office.forge.published[0].summary


def test_a_check_that_may_not_be_written_is_left_alone(office: Office) -> None:
    review_id = office.deliver()
    office.forge.failures += [Forbidden("gone"), Forbidden("gone")]
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.reason, row.check_open) == (State.FAILED, "gone", False)
    office.now += timedelta(days=1)
    assert stages.sweep(office.desk) == 0


def test_a_missing_model_fails_the_review_and_names_the_remedy(office: Office) -> None:
    def missing() -> Judge:
        raise ModelMissing("model x is not in /home: run `gavel pull x`")

    office.judge_of = missing
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    assert office.row(review_id).state is State.FAILED
    assert "gavel pull x" in office.row(review_id).reason
    assert [review.conclusion for review in office.forge.published] == [Conclusion.NOT_JUDGED]


def test_a_bug_fails_the_review_without_showing_its_insides(office: Office) -> None:
    def broken() -> Judge:
        raise KeyError("hunter2")

    office.judge_of = broken
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert row.state is State.FAILED
    assert "KeyError" in row.reason
    assert "hunter2" not in row.reason + office.forge.published[0].summary


def test_a_lost_database_leaves_the_review_to_the_sweep(office: Office) -> None:
    def lost() -> Judge:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    review_id = office.deliver()
    office.run("prepare", review_id)
    office.judge_of = lost
    office.run_all()
    assert office.row(review_id).state is State.PREPARED
    office.judge_of = FixedJudge
    office.now += timedelta(seconds=61)
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED


def test_a_review_that_kills_its_workers_is_set_aside_with_the_reason(office: Office) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs after it."""

    def deadly() -> Judge:
        raise Killed

    review_id = office.deliver()
    office.run("prepare", review_id)
    office.sent.clear()
    office.judge_of = deadly
    for _ in range(3):
        with pytest.raises(Killed):
            office.run("score", review_id)
        assert office.row(review_id).state is State.PREPARED
    office.run("score", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.check_open) == (State.FAILED, False)
    assert "died 3 times" in row.reason


def test_a_broker_that_is_down_loses_nothing(office: Office) -> None:
    review_id = office.deliver()
    office.is_broker_down = True
    office.run("prepare", review_id)
    office.now += timedelta(seconds=21)
    assert stages.sweep(office.desk) == 0
    office.is_broker_down = False
    assert stages.sweep(office.desk) == 1
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED


def test_the_sweep_sends_each_state_to_its_stage(office: Office) -> None:
    changes = [ChangeRef("memory", "octo/hello", number, "head") for number in (1, 2, 3)]
    ids = [office.deliver(ChangeRef(c.forge, c.repo, c.number, f"head{c.number}")) for c in changes]
    office.forge.description = Description("head2", "base", "t", "", "o", True, is_draft=False)
    office.run("prepare", ids[1])
    office.sent.clear()
    office.now += timedelta(seconds=61)
    assert stages.sweep(office.desk) == 3
    assert sorted(office.sent) == [
        ("prepare", ids[0], 0),
        ("prepare", ids[2], 0),
        ("score", ids[1], 0),
    ]


def test_a_delivery_during_scoring_supersedes_and_the_late_verdicts_are_dropped(
    office: Office,
) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.sent.clear()

    def interrupted() -> Judge:
        office.deliver(ChangeRef("memory", "octo/hello", 7, "newer"))
        return FixedJudge()

    office.judge_of = interrupted
    office.run("score", review_id)
    assert office.row(review_id).state is State.SUPERSEDED
    assert office.sent == []

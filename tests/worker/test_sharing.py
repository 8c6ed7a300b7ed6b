"""Stages that take the review whose turn it is, whatever message woke them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge.types import Example, Verdict
from tests.worker.office import DIFF, FixedJudge, Office
from worker import stages
from worker.desk import Desk
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef, ReviewJob
from worker.store import deliveries, reviews
from worker.store.queue_state import waiting
from worker.store.reviews import StoredReview
from worker.turns import Turns
from worker.types import Description, State


@dataclass
class Shared(Office):
    """An office whose workers share fairly."""

    turns: Turns = field(default_factory=Turns)

    @property
    def desk(self) -> Desk:
        return replace(super().desk, turns=self.turns)

    def ask(self, repo: str, number: int, *, installation: int | None = None) -> int:
        change = ChangeRef("memory", repo, number, "head")
        job = ReviewJob(change, f"{repo}{number}", "opened", installation)
        return deliveries.record(self.engine, job, now=self.now).review_id

    def states(self) -> list[State]:
        rows = [reviews.get(self.engine, one) for one in range(1, 10)]
        return [row.state for row in rows if row is not None]


@pytest.fixture
def office(engine: Engine, now: datetime) -> Shared:
    return Shared(engine, now)


def test_a_message_about_one_review_may_begin_another(office: Shared) -> None:
    office.ask("octo/busy", 1)
    late = office.ask("octo/busy", 2)
    office.run("prepare", late)
    assert office.states() == [State.PREPARED, State.QUEUED]
    office.run("prepare", late)
    assert office.states() == [State.PREPARED, State.PREPARED]


def test_as_many_messages_as_reviews_leave_nothing_behind(office: Shared) -> None:
    ids = [office.ask(f"octo/r{n % 3}", n) for n in range(1, 7)]
    office.sent = [("prepare", one, 0.0) for one in reversed(ids)]
    office.run_all()
    assert set(office.states()) == {State.PUBLISHED}
    assert {one.count for one in waiting(office.engine, now=office.now).values()} == {0}


def test_a_message_whose_installation_is_at_its_limit_comes_back_later(office: Shared) -> None:
    office.turns = Turns(per_installation=1)
    first, second = (office.ask("octo/busy", n, installation=5) for n in (1, 2))

    def meanwhile(row: StoredReview) -> MemoryForge:
        if row.id == first:
            stages.prepare(office.desk, second, forge_of=office.forge_of)
        return office.forge

    stages.prepare(office.desk, first, forge_of=meanwhile)
    assert ("prepare", second, 2.0) in office.sent
    assert office.states() == [State.PREPARED, State.QUEUED]
    office.run("prepare", second)
    assert office.states() == [State.PREPARED, State.PREPARED]


def test_a_crowd_at_its_limit_comes_back_the_later_the_larger_it_is(office: Shared) -> None:
    office.turns = Turns(per_installation=1)
    first, *others = (office.ask("octo/busy", n, installation=5) for n in range(1, 8))
    office.ask("octo/elsewhere", 1, installation=6)

    def meanwhile(row: StoredReview) -> MemoryForge:
        if row.id == first:
            for one in others:
                stages.prepare(office.desk, one, forge_of=office.forge_of)
        return office.forge

    stages.prepare(office.desk, first, forge_of=meanwhile)
    delayed = [wait_s for _, one, wait_s in office.sent if wait_s and one in others]
    assert delayed == [12.0] * 5


def test_a_message_that_comes_again_takes_over_from_its_dead_worker(office: Shared) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs after it."""

    def deadly() -> FixedJudge:
        raise Killed

    review_id = office.ask("octo/hello", 1)
    office.run("prepare", review_id)
    with pytest.raises(Killed):
        stages.score(office.desk, review_id, judge_of=deadly)
    stages.score(office.desk, review_id, judge_of=FixedJudge)
    assert office.row(review_id).state is State.PREPARED  # its lease has not run out
    stages.score(office.desk, review_id, judge_of=FixedJudge, is_redelivered=True)
    assert office.row(review_id).state is State.SCORED


def test_a_large_change_lets_others_go_between_its_slices(office: Shared) -> None:
    judged: list[int] = []

    class Counting(FixedJudge):
        def judge(self, examples: Sequence[Example]) -> list[Verdict]:
            judged.append(len(examples))
            return super().judge(examples)

    text = "".join(f"def f{n}(a, b):\n    return a - b\n\n\n" for n in range(5))
    lines = text.splitlines()
    added = "".join(f"+{line}\n" for line in lines)
    office.forge = MemoryForge(
        Description("head", "base", "Large", "", "octo", True, is_draft=False),
        DIFF.splitlines(keepends=True)[0]
        + "new file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
        + f"@@ -0,0 +1,{len(lines)} @@\n{added}",
        {("head", "sums.py"): text},
    )
    office.turns = Turns(slice=2)
    office.judge_of = Counting
    review_id = office.ask("octo/large", 1)
    office.run("prepare", review_id)
    office.run("score", review_id)
    assert (judged, office.row(review_id).state) == ([2], State.PREPARED)
    office.now += timedelta(seconds=1)
    office.run_all()
    assert judged == [2, 2, 1]
    assert office.row(review_id).state is State.PUBLISHED

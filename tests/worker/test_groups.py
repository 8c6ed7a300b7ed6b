"""The merge queue is always answered: as the change was judged, or as not judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from worker import groups
from worker.desk import Desk
from worker.forges.base import Forbidden, Unavailable
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef, GroupJob, GroupRef, ReviewJob
from worker.patience import Patience
from worker.queue import BrokerDown
from worker.store import deliveries
from worker.store import groups as stored
from worker.store.engine import writing
from worker.store.tables import reviews
from worker.types import Conclusion, Description, State

HEAD, GROUP, BASE = "1" * 40, "2" * 40, "b" * 40
REF = GroupRef("memory", "octo/hello", 7, GROUP)
JOB = GroupJob(REF, "d-1", "merge_group.checks_requested")


@dataclass
class Bench:
    """A desk whose clock stands, and the forge that it speaks to."""

    engine: Engine
    now: datetime
    forge: MemoryForge
    sent: list[tuple[str, int]] = field(default_factory=list)
    is_cut_off: bool = False

    @property
    def desk(self) -> Desk:
        return Desk(self.engine, self.send, lambda: self.now, Patience())

    def send(self, stage: str, row_id: int, *, delay_s: float = 0.0) -> None:
        if self.is_cut_off:
            raise BrokerDown("down")
        self.sent.append((stage, row_id))

    def judged(self, state: State, conclusion: Conclusion | None = None) -> None:
        change = ChangeRef("memory", "octo/hello", 7, HEAD)
        job = ReviewJob(change, "d-0", "pull_request.opened")
        row = deliveries.record(self.engine, job, now=self.now).review_id
        ended = {"state": state.value, "conclusion": conclusion.value if conclusion else ""}
        with writing(self.engine) as connection:
            connection.execute(update(reviews).where(reviews.c.id == row).values(**ended))

    def answer(self) -> None:
        group_id = stored.record(self.engine, JOB, now=self.now)
        groups.answer(self.desk, group_id, forge_of=lambda row: self.forge)


@pytest.fixture
def bench(engine: Engine, now: datetime) -> Bench:
    found = Description(HEAD, BASE, "t", "", "ada", is_open=True, is_draft=False)
    return Bench(engine, now, MemoryForge(found))


@pytest.mark.parametrize("conclusion", list(Conclusion))
def test_a_group_ends_as_its_change_did(bench: Bench, conclusion: Conclusion) -> None:
    bench.judged(State.PUBLISHED, conclusion)
    bench.answer()
    assert bench.forge.concluded == {GROUP: conclusion}
    assert bench.forge.published == [] and stored.due(bench.engine, now=bench.now) == []


@pytest.mark.parametrize("state", [State.FAILED, State.SUPERSEDED, State.IGNORED])
def test_a_change_without_a_verdict_is_no_pass_in_the_queue(bench: Bench, state: State) -> None:
    bench.judged(state)
    bench.answer()
    assert bench.forge.concluded == {GROUP: Conclusion.NOT_JUDGED}


def test_a_change_that_was_never_seen_does_not_hang_the_queue(bench: Bench) -> None:
    bench.answer()
    assert bench.forge.concluded == {GROUP: Conclusion.NOT_JUDGED}


def test_a_group_waits_for_the_review_of_its_change_but_not_for_ever(bench: Bench) -> None:
    bench.judged(State.SCORED)
    for _ in range(groups.MAX_WAITS):
        bench.answer()
        assert bench.forge.concluded == {}
        bench.now += timedelta(hours=1)
        assert len(stored.due(bench.engine, now=bench.now)) == 1
    bench.answer()
    assert bench.forge.concluded == {GROUP: Conclusion.NOT_JUDGED}


def test_a_redelivery_asks_once_and_a_button_asks_again(bench: Bench) -> None:
    bench.answer()
    first = stored.record(bench.engine, JOB, now=bench.now)
    assert stored.begin(bench.engine, first, now=bench.now) is None
    again = GroupJob(REF, "d-2", "check_run.rerequested")
    assert stored.record(bench.engine, again, now=bench.now) == first
    assert stored.begin(bench.engine, first, now=bench.now) is not None


def test_a_forge_that_is_away_is_asked_later_and_one_that_refuses_is_not(bench: Bench) -> None:
    bench.forge.failures.append(Unavailable("away", retry_after_s=5))
    bench.answer()
    assert len(stored.due(bench.engine, now=bench.now + timedelta(minutes=20))) == 1
    bench.forge.failures.append(Forbidden("no"))
    bench.answer()
    assert stored.due(bench.engine, now=bench.now + timedelta(days=1)) == []


def test_the_sweep_sends_what_waits_and_a_broker_that_is_down_loses_nothing(bench: Bench) -> None:
    group_id = stored.record(bench.engine, JOB, now=bench.now)
    bench.now += timedelta(minutes=1)
    bench.is_cut_off = True
    groups.sweep(bench.desk)
    bench.is_cut_off = False
    groups.sweep(bench.desk)
    assert bench.sent == [("group", group_id)]

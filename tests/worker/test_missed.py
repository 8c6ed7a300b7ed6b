from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from worker.desk import Desk
from worker.forges.base import Forbidden, ForgeError
from worker.forges.inbox import Known, OpenChange
from worker.jobs import ChangeRef, ReviewJob
from worker.missed import reconcile
from worker.patience import Patience
from worker.queue import BrokerDown, Stage
from worker.store import deliveries, reviews
from worker.types import State


@dataclass
class FakeInbox:
    open: Sequence[OpenChange] = ()
    failed: int = 0
    asked: list[Known] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)
    failures: dict[str, ForgeError] = field(default_factory=dict)
    forge: str = "github"

    def ask_again(self, *, since: datetime) -> int:
        self.since.append(since)
        if "ask_again" in self.failures:
            raise self.failures["ask_again"]
        return self.failed

    def open_changes(self, known: Sequence[Known], *, since: datetime) -> Iterator[OpenChange]:
        for one in known:
            self.asked.append(one)
            if one.repo in self.failures:
                raise self.failures[one.repo]
            yield from (o for o in self.open if o.change.repo == one.repo)


def change(number: int, repo: str = "octo/hello", head: str = "new") -> ChangeRef:
    return ChangeRef("github", repo, number, head)


@pytest.fixture
def sent() -> list[tuple[Stage, int]]:
    return []


@pytest.fixture
def desk(engine: Engine, now: datetime, sent: list[tuple[Stage, int]]) -> Desk:
    for number, repo in ((1, "octo/hello"), (2, "octo/other")):
        job = ReviewJob(change(number, repo, "old"), f"d{number}", "opened", 42)
        deliveries.record(engine, job, now=now)

    def send(stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        sent.append((stage, review_id))

    return Desk(engine, send, lambda: now, Patience())


def test_an_open_change_whose_head_has_no_review_is_queued_once(
    desk: Desk, sent: list[tuple[Stage, int]]
) -> None:
    inbox = FakeInbox([OpenChange(change(7), 42), OpenChange(change(1, head="old"), 42)], failed=3)
    found = reconcile(desk, [inbox])
    assert (found.asked_again, found.queued) == (3, (change(7).key,))
    assert [stage for stage, _ in sent] == ["prepare"]
    (row,) = reviews.of_change(desk.engine, forge="github", repo="octo/hello", number=7)
    assert (row.state, row.installation_id) == (State.QUEUED, 42)
    assert reconcile(desk, [inbox]).queued == ()


def test_every_known_repository_is_asked_as_the_installation_that_it_came_by(desk: Desk) -> None:
    inbox = FakeInbox()
    reconcile(desk, [inbox])
    assert inbox.asked == [Known("octo/hello", 42), Known("octo/other", 42)]


def test_a_repository_is_asked_as_the_installation_that_it_came_by_last(
    desk: Desk, now: datetime
) -> None:
    again = ReviewJob(change(3), "d3", "opened", 77)
    deliveries.record(desk.engine, again, now=now)
    inbox = FakeInbox()
    reconcile(desk, [inbox])
    assert inbox.asked == [Known("octo/hello", 77), Known("octo/other", 42)]


def test_of_too_many_repositories_the_latest_are_asked_and_it_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.store.missed.MOST", 1)
    monkeypatch.setattr("worker.missed.MOST", 1)
    inbox = FakeInbox()
    found = reconcile(desk, [inbox])
    assert inbox.asked == [Known("octo/other", 42)]
    assert found.problems == ("only the 1 repositories that were reviewed last were asked about",)


def test_three_days_are_looked_back_unless_told_otherwise(desk: Desk, now: datetime) -> None:
    inbox = FakeInbox()
    reconcile(desk, [inbox])
    reconcile(desk, [inbox], days=1)
    assert inbox.since == [now - timedelta(days=3), now - timedelta(days=1)]


def test_a_repository_that_cannot_be_asked_stops_no_other(desk: Desk) -> None:
    inbox = FakeInbox([OpenChange(change(9, "octo/other"), 42)])
    inbox.failures = {"ask_again": Forbidden("no App"), "octo/hello": Forbidden("gone")}
    found = reconcile(desk, [inbox])
    assert found.queued == (change(9, "octo/other").key,)
    assert found.problems == ("no App", "gone")


def test_a_broker_that_is_down_leaves_the_row_to_the_sweep(desk: Desk) -> None:
    def down(stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        raise BrokerDown("down")

    found = reconcile(
        Desk(desk.engine, down, desk.clock, desk.patience), [FakeInbox([OpenChange(change(7), 42)])]
    )
    assert found.queued == (change(7).key,)

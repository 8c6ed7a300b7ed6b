from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from worker.jobs import ChangeRef
from worker.store import pages
from worker.store.deliveries import want
from worker.store.engine import writing

NAMES = [("github", "a/a"), ("github", "b/b"), ("gitlab", "a/a"), ("gitlab", "c/c/c")]


def fill(engine: Engine, now: datetime) -> None:
    with writing(engine) as connection:
        for number in (1, 2):
            for forge, repo in NAMES:
                change = ChangeRef(forge, repo, number, "h" * 40)
                want(connection, change, installation_id=None, now=now)


def test_repositories_come_by_forge_and_name_with_their_newest_review(
    engine: Engine, now: datetime
) -> None:
    fill(engine, now)
    found = pages.repositories(engine, after=("", ""), limit=10)
    assert [(forge, repo) for forge, repo, _ in found] == NAMES
    assert {line.number for _, _, line in found} == {2}


def test_repositories_go_on_where_a_page_ended(engine: Engine, now: datetime) -> None:
    fill(engine, now)
    first = pages.repositories(engine, after=("", ""), limit=3)
    rest = pages.repositories(engine, after=first[-1][:2], limit=3)
    assert [one[:2] for one in [*first, *rest]] == NAMES


def test_without_reviews_nothing_waits(engine: Engine, now: datetime) -> None:
    assert set(pages.waiting(engine).values()) == {0}
    assert pages.oldest_waiting(engine) is None
    assert pages.held(engine, now=now) == pages.overdue(engine, now=now) == 0


def test_what_waits_is_counted_and_the_oldest_is_told(engine: Engine, now: datetime) -> None:
    fill(engine, now)
    assert pages.waiting(engine)["queued"] == 8
    assert pages.oldest_waiting(engine) == now
    assert pages.pulse(engine) == {"queued": now}

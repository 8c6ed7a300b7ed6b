"""Workers of two machines act as one account: what one of them is told holds for both."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.demo.github_double import GitHubDouble
from tests.described import outside
from tests.worker.office import DIFF
from worker.desk import Desk
from worker.forges.base import Unavailable
from worker.jobs import ChangeRef, ReviewJob
from worker.patience import Patience
from worker.settings import WorkerSettings
from worker.store import deliveries, reviews
from worker.tasks import _Opened

TOKEN, HEAD = "a-token-of-the-test", "1" * 40


def a_machine(home: Path, url: str, engine: Engine, now: datetime) -> _Opened:
    settings = WorkerSettings(
        home=home, github_url=url, github_token=TOKEN, github_app_id=None, github_write_gap_s=0
    )
    desk = Desk(engine, lambda *_, **__: None, lambda: now, Patience())
    return _Opened(settings, lambda: desk)


def test_a_pause_that_one_machine_is_asked_for_is_kept_by_the_other(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    change = ChangeRef("github", "octo/hello", 7, HEAD)
    job = ReviewJob(change, "d1", "opened")
    row = reviews.get(engine, deliveries.record(engine, job, now=now).review_id)
    assert row is not None
    double = GitHubDouble(token=TOKEN)
    double.add_change(repo="octo/hello", number=7, head_sha=HEAD, base_sha="0" * 40, diff=DIFF)
    url = double.start()
    try:
        one, other = (a_machine(tmp_path / name, url, engine, now) for name in ("a", "b"))
        assert one.of_review(row).describe(change).is_open
        assert one.of_review(row) is one.of_review(row)  # kept, with its token and its ETags
        double.fail_next(429, headers={"Retry-After": "90"})
        with pytest.raises(Unavailable, match="429"):
            one.of_review(row).describe(change)
        asked = len(double.requests)
        with pytest.raises(Unavailable, match="left alone"):
            other.of_review(row).describe(change)
        assert len(double.requests) == asked
    finally:
        double.stop()
    assert outside(double) == []

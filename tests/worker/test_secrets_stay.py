"""The token is in no log line, no row and no word that we post, however a forge fails."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy import Engine, select

from bot.demo.github_double import GitHubDouble
from tests.described import outside
from worker import stages
from worker.desk import Desk
from worker.forges.open import open_forge
from worker.jobs import ChangeRef, ReviewJob
from worker.patience import Patience
from worker.queue import Stage
from worker.settings import WorkerSettings
from worker.store import deliveries
from worker.store.engine import reading
from worker.store.tables import metadata
from worker.telemetry import set_up_logging

TOKEN = "ghs_" + "0123456789abcdefghijklmnopqrstuvwxyz"  # in two: a scanner looks for such
PASSWORD = "hunter2-of-the-database"
HEAD, BASE = "a" * 40, "0" * 40
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add(a, b):\n+    return a - b\n"
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logging("DEBUG", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def forge() -> Iterator[GitHubDouble]:
    double = GitHubDouble(token=TOKEN)
    files = {HEAD: {"sums.py": "def add(a, b):\n    return a - b\n"}}
    double.add_change(
        repo="octo/hello", number=7, head_sha=HEAD, base_sha=BASE, diff=DIFF, files=files
    )
    yield double
    double.stop()
    assert outside(double) == []


def rows(engine: Engine) -> str:
    tables = metadata.sorted_tables
    with reading(engine) as connection:
        return "\n".join(str(row) for one in tables for row in connection.execute(select(one)))


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_failure_of_a_forge_tells_the_token(
    status: int, engine: Engine, now: datetime, log: io.StringIO, forge: GitHubDouble
) -> None:
    settings = WorkerSettings(
        github_url=forge.start(),
        github_token=TOKEN,
        github_write_gap_s=0,
        database_url=f"postgresql://gavel:{PASSWORD}@nowhere/gavel",
        home="/nonexistent",
    )
    clock = [now]

    def send(stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
        return

    desk = Desk(engine, send, lambda: clock[0], Patience(max_postponed=1))
    change = ChangeRef("github", "octo/hello", 7, HEAD)
    review_id = deliveries.record(engine, ReviewJob(change, "d1", "opened"), now=now).review_id

    def forge_of(_row: object) -> object:
        return open_forge("github", settings, installation_id=None)

    forge.fail_next(status, times=100, path="/pulls/7")
    for _ in range(3):
        stages.prepare(desk, review_id, forge_of=forge_of)
        clock[0] += timedelta(hours=1)
    stages.conclude(desk, review_id, forge_of=forge_of)
    said = [log.getvalue(), rows(engine), repr(settings), str(forge.reviews), str(forge.check_runs)]
    assert str(status) in said[0]
    for text in said:
        assert TOKEN not in text
        assert PASSWORD not in text

"""What became of judged code, asked of a forge in memory."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.worker.office import Office
from tests.worker.talk import TEXT, reviewed, room
from worker.feedback import Feedback, Signal
from worker.forges.base import Unavailable
from worker.hindsight import look_back
from worker.settings import WorkerSettings
from worker.store import feedback
from worker.tasks import _history
from worker.types import Commit

FIX = "--- a/sums.py\n+++ b/sums.py\n@@ -3 +3 @@\n-    return c - b\n+    return c + b\n"


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.fixture
def office(office: Office) -> Office:
    reviewed(room(office))
    return office


def land(office: Office, message: str, diff: str, *, days: float = 1) -> None:
    sha = f"c{len(office.forge.on_base)}"
    at = office.now + timedelta(days=days)
    office.forge.on_base = (*office.forge.on_base, Commit(sha, "Ann", message, at))
    office.forge.commit_diffs[sha] = diff


def looked(office: Office, *, days: float) -> int:
    office.now += timedelta(days=days)
    return look_back(office.desk, forge_of=office.forge_of)


def given(office: Office) -> list[Feedback]:
    return feedback.of_repo(office.engine, forge="memory", repo="octo/hello")


def test_a_commit_that_fixes_a_judged_line_is_a_label_once(office: Office) -> None:
    land(office, "Fix the sum\n\nIt took away.", FIX)
    assert [looked(office, days=2), looked(office, days=1)] == [1, 0]
    (one,) = given(office)
    assert (one.signal, one.author, one.reason) == (Signal.FIXED, "", "c0")


def test_a_commit_that_says_nothing_of_a_fix_is_not_even_read(office: Office) -> None:
    land(office, "Rename things", FIX)
    office.forge.commit_diffs = {}
    assert looked(office, days=2) == 0


def test_code_that_still_stands_after_a_while_was_right(office: Office) -> None:
    office.forge.files = {("base", "sums.py"): TEXT}
    assert [looked(office, days=5), looked(office, days=10), looked(office, days=1)] == [0, 1, 0]
    assert [one.signal for one in given(office)] == [Signal.KEPT]


def test_a_fix_that_comes_too_late_is_none(office: Office) -> None:
    land(office, "Fix the sum", FIX, days=20)
    assert looked(office, days=21) == 0


def test_a_forge_that_cannot_be_asked_is_asked_the_next_time(office: Office) -> None:
    land(office, "Fix the sum", FIX)
    office.forge.failures = [Unavailable("down")]
    assert [looked(office, days=2), looked(office, days=1)] == [0, 1]


def test_the_clock_asks_for_it_unless_it_is_told_not_to(tmp_path: Path) -> None:
    settings = WorkerSettings(home=tmp_path, broker_url="memory://", history_every_s=60)
    entry = _history(settings)["look_back"]
    assert (entry["task"], entry["schedule"]) == ("gavel.look_back", 60)
    assert _history(settings.model_copy(update={"history_every_s": 0})) == {}

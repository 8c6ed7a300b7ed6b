from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from judge.types import Example, Verdict
from tests.worker.office import CHANGE, Office
from worker.scoring import BATCH
from worker.store.engine import open_engine
from worker.types import State

MANY = 3 * BATCH


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """On one kind of database: what is stored is tested on both in tests/worker/store."""
    shutil.copy(migrated, tmp_path / "gavel.sqlite")
    engine = open_engine(f"sqlite:///{tmp_path / 'gavel.sqlite'}")
    yield engine
    engine.dispose()


class Interrupted:
    """While it judges its first batch, somebody pushes."""

    name = "slow 1"

    def __init__(self, office: Office) -> None:
        self._office = office
        self.judged = 0

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        self.judged += len(examples)
        self._office.deliver(replace(CHANGE, head_sha="newer"))
        return [Verdict(0.1, -2.0, self.name) for _ in examples]


def test_a_newer_head_stops_the_judging_of_an_older_one(office: Office) -> None:
    lines = [f"def f{n}(a):\n    return a - {n}\n" for n in range(MANY)]
    text = "\n".join(lines)
    rows = text.rstrip("\n").split("\n")
    office.forge.diff_text = f"--- /dev/null\n+++ b/sums.py\n@@ -0,0 +1,{len(rows)} @@\n" + "".join(
        f"+{row}\n" for row in rows
    )
    office.forge.files = {("head", "sums.py"): text}
    judge = Interrupted(office)
    office.judge_of = lambda: judge
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run("score", review_id)
    assert judge.judged == BATCH
    assert office.row(review_id).state is State.SUPERSEDED

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine

from judge.types import Example, Verdict
from tests.worker.office import CHANGE, Office
from worker.desk import Desk
from worker.scoring import BATCH
from worker.store import evidence
from worker.turns import Turns
from worker.types import State

MANY = 3 * BATCH


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


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


BODY = "def {0}(a, b):\n    c = a\n    c = c - b\n    return c\n\n\n"
TWO = "".join(BODY.format(name) for name in ("first", "second"))
OF_TWO = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    f"@@ -0,0 +1,{TWO.count(chr(10))} @@\n"
    + "".join(f"+{line}\n" for line in TWO.removesuffix("\n").split("\n"))
)


class Sliced(Office):
    """An office that judges one snippet at a time."""

    @property
    def desk(self) -> Desk:
        return replace(super().desk, turns=Turns(slice=1))


class Minus:
    """Thinks little of a function with a minus in it."""

    name = "minus 1"

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        return [Verdict(0.1 if " - " in one.code else 0.9, 0.0, self.name) for one in examples]


def test_the_evidence_of_a_change_in_slices_is_that_of_all_its_slices(
    engine: Engine, now: datetime
) -> None:
    office = Sliced(engine, now, judge_of=Minus)
    office.forge.diff_text, office.forge.files = OF_TWO, {("head", "sums.py"): TWO}
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run("score", review_id)
    assert office.row(review_id).state is State.PREPARED
    office.run("score", review_id)
    assert office.row(review_id).state is State.SCORED
    found = evidence.of_review(engine, review_id)
    assert {at: [one.start_line for one in lines] for at, lines in found.items()} == {
        0: [3],
        1: [9],
    }

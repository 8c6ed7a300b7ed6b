"""What the database knows besides verdicts reaches the check of a review."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tests.worker.office import CHANGE, Office
from worker.feedback import Feedback, Signal
from worker.store import feedback, notes
from worker.types import Conclusion


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


def vote(office: Office, signal: Signal, people: str) -> None:
    """Ten comments each, by everybody in `people`."""
    for person in people:
        for number in range(10):
            name = f"{person}{number}{signal.value}"
            given = Feedback("memory", name, "octo/hello", 3, name, signal, person)
            feedback.record(office.engine, given, now=office.now)


def review(office: Office, head_sha: str, rules: str) -> Conclusion:
    office.forge.push(head_sha, office.forge.diff_text)
    office.forge.files = {
        ("base", ".gavel.toml"): rules,
        (head_sha, "sums.py"): "def add(a, b):\n    return a - b\n",
    }
    office.run("prepare", office.deliver(replace(CHANGE, head_sha=head_sha)))
    office.run_all()
    return office.forge.concluded[head_sha]


def test_a_gate_rises_and_falls_with_what_people_say(office: Office) -> None:
    rules = 'gate = "block"'
    assert review(office, "h1", rules) is Conclusion.ADVISED
    vote(office, Signal.ACCEPTED, "abcde")
    assert review(office, "h2", rules) is Conclusion.FAILED
    assert "confirmed 50 of 50 comments" in office.forge.published[-1].summary
    vote(office, Signal.IGNORED, "fghij")
    assert review(office, "h3", rules) is Conclusion.ADVISED
    assert "acts as `advise`" in office.forge.published[-1].summary


def test_rules_that_cannot_be_read_leave_the_last_good_ones_in_force(office: Office) -> None:
    review(office, "h1", "threshold = 0.05")
    assert notes.kept_rules(office.engine, CHANGE) == "threshold = 0.05"
    assert review(office, "h2", "threshold = 5") is Conclusion.PASSED
    assert ".gavel.toml line 1, key 'threshold'" in office.forge.published[-1].summary
    assert notes.kept_rules(office.engine, CHANGE) == "threshold = 0.05"


def test_verdicts_of_code_that_a_push_left_alone_are_carried(office: Office) -> None:
    review(office, "h1", "")
    review(office, "h2", "")
    assert "1 verdict is carried over" in office.forge.published[-1].summary
    assert len(office.forge.standing) == 1

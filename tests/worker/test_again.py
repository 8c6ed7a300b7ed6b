"""A review that is asked for again while it goes on: what it read may hold no more."""

from __future__ import annotations

import pytest

from judge.types import Judge
from tests.worker.office import CHANGE, DIFF, FixedJudge, Office
from worker.forges.memory import MemoryForge
from worker.jobs import ReviewJob
from worker.store import deliveries, snippets
from worker.store.reviews import StoredReview
from worker.types import State

OTHER = DIFF.replace("a - b", "a * b")


def ask_again(office: Office, name: str = "edited") -> None:
    """The base is another one: the same head, and another diff."""
    office.forge.diff_text = OTHER
    office.forge.files["head", "sums.py"] = "def add(a, b):\n    return a * b\n"
    job = ReviewJob(CHANGE, name, "pull_request.edited", is_again=True)
    deliveries.record(office.engine, job, now=office.now)


@pytest.mark.parametrize("done", [["prepare"], ["prepare", "score"]])
def test_what_waits_between_two_stages_is_read_anew(office: Office, done: list[str]) -> None:
    review_id = office.deliver()
    for stage in done:
        office.run(stage, review_id)
    ask_again(office)
    office.run_all()
    assert office.row(review_id).state is State.PUBLISHED
    assert "a * b" in snippets.judged(office.engine, review_id)[0].snippet.code
    assert len(office.forge.published) == 1


def test_what_is_being_judged_is_read_anew(office: Office) -> None:
    asked = []

    def judge() -> Judge:
        if not asked:
            asked.append(ask_again(office))
        return FixedJudge()

    office.judge_of = judge
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    assert "a * b" in snippets.judged(office.engine, review_id)[0].snippet.code
    assert len(office.forge.published) == 1


@pytest.mark.parametrize("stage", ["prepare", "publish"])
def test_what_is_on_the_way_to_or_from_the_forge_is_read_anew(office: Office, stage: str) -> None:
    review_id = office.deliver()

    class Slow(Office):
        def forge_of(self, row: StoredReview) -> MemoryForge:  # type: ignore[override]
            if (row.state is State.QUEUED) == (stage == "prepare") and not asked:
                asked.append(row.id)
                ask_again(office)
            return office.forge

    asked: list[int] = []
    slow = Slow(office.engine, office.now, office.forge, office.judge_of, office.sent)
    slow.run("prepare", review_id)
    slow.run_all()
    assert asked == [review_id]
    assert office.row(review_id).state is State.PUBLISHED
    assert "a * b" in snippets.judged(office.engine, review_id)[0].snippet.code


def test_a_newer_head_is_not_brought_back_by_it(office: Office) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    ask_again(office)
    office.forge.push("newer", DIFF)
    office.run_all()
    assert office.row(review_id).state is State.SUPERSEDED

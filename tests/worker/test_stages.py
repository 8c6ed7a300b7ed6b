from __future__ import annotations

from datetime import timedelta

from judge.types import Judge
from tests.worker.office import DIFF, FixedJudge, Office
from worker import stages
from worker.jobs import ChangeRef
from worker.store import reviews
from worker.types import Conclusion, Description, State


def test_a_delivery_goes_all_the_way_to_one_review(office: Office) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run_all()
    row = office.row(review_id)
    assert (row.state, row.conclusion) == (State.PUBLISHED, Conclusion.ADVISED)
    assert (row.check_open, row.check_id, row.forge_review_id) == (
        False,
        "check-head",
        "review-head",
    )
    assert len(office.forge.published) == 1


def test_every_stage_may_run_twice(office: Office) -> None:
    review_id = office.deliver()
    for stage in ("prepare", "prepare", "score", "score", "publish", "publish", "prepare"):
        office.run(stage, review_id)
    assert office.row(review_id).state is State.PUBLISHED
    assert len(office.forge.published) == 1
    assert [stage for stage, _, _ in office.sent] == ["score", "publish"]


def test_a_stage_of_an_unknown_review_does_nothing(office: Office) -> None:
    office.run("prepare", 404)
    assert office.sent == []


def test_a_moved_head_is_superseded_and_the_newer_one_reviewed(office: Office) -> None:
    review_id = office.deliver()
    office.forge.push("newer", DIFF)
    office.run("prepare", review_id)
    office.run_all()
    old, new = reviews.of_change(office.engine, forge="memory", repo="octo/hello", number=7)
    assert (old.state, old.check_open) == (State.SUPERSEDED, False)
    assert (new.state, new.change.head_sha) == (State.PUBLISHED, "newer")


def test_a_head_that_moves_while_scoring_gets_its_check_closed(office: Office) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.run("score", review_id)
    office.forge.push("newer", DIFF)
    office.run_all()
    assert office.row(review_id).state is State.SUPERSEDED
    assert not office.row(review_id).check_open
    assert office.forge.concluded["head"] is Conclusion.NOT_JUDGED
    (told,) = office.forge.published
    assert (told.conclusion, len(told.comments)) == (Conclusion.ADVISED, 1)


def test_a_closed_change_is_ignored_in_silence(office: Office) -> None:
    office.forge.description = Description("head", "base", "t", "", "o", False, is_draft=False)
    review_id = office.deliver()
    office.run("prepare", review_id)
    assert (office.row(review_id).state, office.sent) == (State.IGNORED, [])


def test_the_sweep_sends_each_state_to_its_stage(office: Office) -> None:
    changes = [ChangeRef("memory", "octo/hello", number, "head") for number in (1, 2, 3)]
    ids = [office.deliver(ChangeRef(c.forge, c.repo, c.number, f"head{c.number}")) for c in changes]
    office.forge.description = Description("head2", "base", "t", "", "o", True, is_draft=False)
    office.run("prepare", ids[1])
    office.sent.clear()
    office.now += timedelta(seconds=61)
    assert stages.sweep(office.desk) == 3
    assert sorted(office.sent) == [
        ("prepare", ids[0], 0),
        ("prepare", ids[2], 0),
        ("score", ids[1], 0),
    ]


def test_a_delivery_during_scoring_supersedes_and_the_late_verdicts_are_dropped(
    office: Office,
) -> None:
    review_id = office.deliver()
    office.run("prepare", review_id)
    office.sent.clear()

    def interrupted() -> Judge:
        office.deliver(ChangeRef("memory", "octo/hello", 7, "newer"))
        return FixedJudge()

    office.judge_of = interrupted
    office.run("score", review_id)
    assert office.row(review_id).state is State.SUPERSEDED
    assert office.sent == []

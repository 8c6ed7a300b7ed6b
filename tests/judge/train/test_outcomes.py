from __future__ import annotations

from judge.train.outcomes import Outcome, judge_task

PASSED, FAILED = Outcome("passed"), Outcome("assertion")


def test_a_pass_is_right_and_everything_else_is_wrong() -> None:
    judged = judge_task(None, [PASSED, FAILED, Outcome("timeout"), Outcome("compile")])
    assert [outcome.label for outcome in judged] == [1, 0, 0, 0]


def test_a_pass_that_disagrees_on_more_than_a_tenth_is_dropped() -> None:
    judged = judge_task(True, [Outcome("passed", agree=0.9), Outcome("passed", agree=0.89)])
    assert [(o.label, o.dropped) for o in judged] == [(1, ""), (None, "disagrees")]


def test_a_task_whose_reference_fails_is_dropped() -> None:
    judged = judge_task(False, [PASSED, FAILED])
    assert {(o.label, o.dropped) for o in judged} == {(None, "reference fails")}


def test_a_task_that_nobody_passes_is_dropped() -> None:
    judged = judge_task(True, [FAILED, Outcome("unstable")])
    assert {(o.label, o.dropped) for o in judged} == {(None, "no candidate passes")}


def test_what_two_runs_disagree_on_is_dropped_and_so_is_a_fault_of_the_harness() -> None:
    judged = judge_task(True, [PASSED, Outcome("unstable"), Outcome("harness:Unsupported")])
    assert [(o.label, o.dropped) for o in judged] == [
        (1, ""),
        (None, "unstable"),
        (None, "harness"),
    ]

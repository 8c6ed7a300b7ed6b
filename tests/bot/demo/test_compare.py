"""Which verdicts the tests confirm."""

from __future__ import annotations

from bot.demo.compare import HowItEnded, compare, summary
from bot.demo.exhibit import Function
from judge.types import Snippet, SnippetKind, Verdict
from worker.types import Judged


def function(name: str) -> Function:
    return Function(name, "a.py", "python", "def …", "", "assert …", True, "")


def judged(name: str, p: float, *, path: str = "a.py", abstained: bool = False) -> Judged:
    snippet = Snippet(path, "python", 1, 2, "def …", SnippetKind.FUNCTION, name=name)
    return Judged(snippet, Verdict(p, 0.0, "m", abstained, "why" if abstained else ""))


def outcome(passed: bool, *, was_run: bool = True) -> HowItEnded:
    return HowItEnded(passed, "", was_run)


def test_a_low_probability_is_confirmed_by_failing_tests_and_refuted_by_passing_ones() -> None:
    rows = compare(
        [function("f"), function("g")],
        [judged("f", 0.1), judged("g", 0.1)],
        {"f": outcome(False), "g": outcome(True)},
        threshold=0.5,
    )
    assert [(row.said, row.agrees) for row in rows] == [
        ("likely wrong", True),
        ("likely wrong", False),
    ]


def test_a_probability_at_the_threshold_is_no_objection_as_in_the_review() -> None:
    (row,) = compare([function("f")], [judged("f", 0.5)], {"f": outcome(True)}, threshold=0.5)
    assert (row.said, row.agrees) == ("no objection", True)


def test_an_abstention_is_neither_confirmed_nor_refuted() -> None:
    (row,) = compare(
        [function("f")], [judged("f", 0.1, abstained=True)], {"f": outcome(False)}, threshold=0.5
    )
    assert (row.said, row.agrees) == ("abstained", None)


def test_a_function_of_another_file_is_not_mistaken_for_it() -> None:
    (row,) = compare(
        [function("f")], [judged("f", 0.1, path="b.py")], {"f": outcome(False)}, threshold=0.5
    )
    assert (row.said, row.p_correct, row.agrees) == ("not judged", None, None)


def test_the_summary_counts_what_was_said_and_no_more() -> None:
    rows = compare(
        [function(name) for name in "fghi"],
        [judged("f", 0.1), judged("g", 0.9), judged("h", 0.9), judged("i", 0.1, abstained=True)],
        {"f": outcome(False), "g": outcome(True), "h": outcome(False), "i": outcome(True)},
        threshold=0.5,
    )
    text = summary(rows)
    assert "2 of 4 functions are wrong" in text
    assert "confirm 2 of 3 verdicts" in text
    assert "1 of the 2 wrong functions were called likely wrong" in text
    assert "Nothing was said of 1." in text
    assert "recorded" not in text


def test_the_summary_says_which_outcomes_are_recorded() -> None:
    rows = compare(
        [function("f")], [judged("f", 0.1)], {"f": outcome(False, was_run=False)}, threshold=0.5
    )
    assert "The outcome of 1 is the recorded one." in summary(rows)

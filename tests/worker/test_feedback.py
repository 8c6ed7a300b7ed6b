from __future__ import annotations

import pytest

from worker.feedback import (
    ALWAYS_ALLOWED,
    ENOUGH_PEOPLE,
    RIGHT,
    TEACHES,
    WRONG,
    Feedback,
    Label,
    Signal,
    bounded,
    labels,
    learn,
    weights_of,
)


def said(signal: Signal, author: str = "ada", fingerprint: str = "a" * 16) -> Feedback:
    return Feedback("github", f"{signal}{author}", "octo/hello", 7, fingerprint, signal, author)


def label(author: str, number: int, value: int = WRONG, weight: float = 1.0) -> Label:
    return Label(f"{number:016x}", author, value, weight, Signal.ACCEPTED, is_own=False)


@pytest.mark.parametrize(
    ("signal", "value"),
    [
        (Signal.ACCEPTED, WRONG),
        (Signal.AGREED, WRONG),
        (Signal.APPLIED, WRONG),
        (Signal.FIXED, WRONG),
        (Signal.REVERTED, WRONG),
        (Signal.RESOLVED, WRONG),
        (Signal.DISAGREED, RIGHT),
        (Signal.IGNORED, RIGHT),
        (Signal.DISMISSED, RIGHT),
        (Signal.KEPT, RIGHT),
    ],
)
def test_agreeing_with_a_comment_says_that_the_code_is_wrong(signal: Signal, value: int) -> None:
    assert [one.label for one in labels([said(signal)])] == [value]


def test_what_is_said_in_words_weighs_more_than_a_cleared_thread() -> None:
    assert TEACHES[Signal.ACCEPTED].weight > TEACHES[Signal.AGREED].weight
    assert TEACHES[Signal.AGREED].weight > TEACHES[Signal.RESOLVED].weight


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (Signal.ACCEPTED, Signal.IGNORED),
        (Signal.AGREED, Signal.DISAGREED),
        (Signal.RESOLVED, Signal.DISMISSED),
        (Signal.FIXED, Signal.KEPT),
    ],
)
def test_both_sides_of_one_source_weigh_the_same(wrong: Signal, right: Signal) -> None:
    assert TEACHES[wrong].weight == TEACHES[right].weight


def test_a_person_has_one_last_word_on_a_snippet() -> None:
    found = labels([said(Signal.AGREED), said(Signal.IGNORED), said(Signal.AGREED, "bob")])
    assert [(one.author, one.label) for one in found] == [("ada", RIGHT), ("bob", WRONG)]


def test_a_reopened_thread_takes_back_that_it_was_resolved() -> None:
    assert labels([said(Signal.RESOLVED), said(Signal.REOPENED, "bob")]) == ()


def test_a_reopened_thread_leaves_what_was_said_in_words() -> None:
    found = labels([said(Signal.ACCEPTED), said(Signal.REOPENED, "bob")])
    assert [one.signal for one in found] == [Signal.ACCEPTED]


def test_a_reply_teaches_nothing() -> None:
    assert labels([said(Signal.REPLIED)]) == ()


def test_one_person_weighs_at_most_a_few_times_the_median_person() -> None:
    given = [label("loud", n) for n in range(200)]
    given += [label(f"p{n % 5}", 1000 + n) for n in range(25)]
    weights = weights_of(bounded(given))
    assert weights["loud"] == pytest.approx(10.0)
    assert weights["p0"] == pytest.approx(5.0)


def test_a_person_who_says_little_is_never_bounded() -> None:
    given = [label("ada", n) for n in range(int(ALWAYS_ALLOWED))] + [label("bob", 99)]
    assert bounded(given) == tuple(given)


def test_history_has_no_bound() -> None:
    given = [label("", n) for n in range(100)] + [label("ada", 200)]
    assert sum(one.weight for one in bounded(given)) == pytest.approx(101)


def test_nothing_is_learnt_before_there_is_enough() -> None:
    few = [label(f"p{n}", n) for n in range(10)]
    one_person = [label("ada", n) for n in range(200)]
    p_of = {f"{n:016x}": 0.2 for n in range(200)}
    assert learn(few, p_of) is None
    assert learn(one_person, p_of) is None


def test_labels_of_snippets_that_this_judge_never_saw_teach_it_nothing() -> None:
    given = [label(f"p{n % ENOUGH_PEOPLE}", n) for n in range(100)]
    assert learn(given, {}) is None


def test_code_that_people_keep_calling_right_gets_likelier() -> None:
    given = [label(f"p{n % 5}", n, RIGHT) for n in range(60)]
    found = learn(given, {one.fingerprint: 0.2 for one in given})
    assert found is not None
    assert (found.labels, found.people) == (60, 5)
    assert found.adjustment.probability(0.2) > 0.3

from __future__ import annotations

import pytest

from worker.feedback import Feedback, Signal, labels
from worker.gate import Tally, standing, tally
from worker.repo_config import Gate, Precision, Rules

BLOCKING = Rules(gate=Gate.BLOCK)


def said(*signals: tuple[str, Signal, str]) -> Tally:
    given = [
        Feedback("memory", f"d{n}", "octo/hello", 7, fingerprint, signal, author)
        for n, (fingerprint, signal, author) in enumerate(signals)
    ]
    return tally(labels(given))


@pytest.mark.parametrize(
    ("tally", "interval"),
    [  # statsmodels' proportion_confint(k, n, method="wilson")
        (Tally(8, 2), (0.490, 0.943)),
        (Tally(0, 10), (0.0, 0.278)),
        (Tally(10, 0), (0.722, 1.0)),
        (Tally(50, 50), (0.404, 0.596)),
        (Tally(), (0.0, 1.0)),
    ],
)
def test_the_interval_is_wilsons(tally: Tally, interval: tuple[float, float]) -> None:
    assert tally.interval == interval


def test_people_confirm_and_refute_and_each_comment_counts_once() -> None:
    found = said(
        ("a", Signal.ACCEPTED, "ann"),
        ("a", Signal.AGREED, "bob"),
        ("b", Signal.IGNORED, "ann"),
        ("c", Signal.APPLIED, "ann"),
    )
    assert found == Tally(confirmed=2, refuted=1)


def test_what_people_disagree_on_or_only_hint_at_is_left_open() -> None:
    assert said(("a", Signal.ACCEPTED, "ann"), ("a", Signal.IGNORED, "bob")) == Tally()
    assert said(("a", Signal.RESOLVED, "ann")) == Tally()


def test_history_says_nothing_about_comments() -> None:
    assert said(("a", Signal.KEPT, ""), ("b", Signal.REVERTED, "")) == Tally()


def test_blocking_has_to_be_earned() -> None:
    assert standing(BLOCKING, Tally()).gate is Gate.ADVISE
    assert standing(BLOCKING, Tally(9, 0)).gate is Gate.ADVISE
    assert standing(BLOCKING, Tally(10, 0)).gate is Gate.BLOCK
    assert standing(BLOCKING, Tally(8, 2)).gate is Gate.ADVISE


def test_a_gate_that_was_promoted_falls_with_its_precision() -> None:
    assert standing(BLOCKING, Tally(40, 4)).gate is Gate.BLOCK
    assert standing(BLOCKING, Tally(40, 12)).gate is Gate.ADVISE
    assert standing(BLOCKING, Tally(4, 40)).gate is Gate.SHADOW


def test_the_rules_are_the_highest_rung() -> None:
    for gate in (Gate.OFF, Gate.SHADOW, Gate.ADVISE):
        assert standing(Rules(gate=gate), Tally(99, 0)).gate is gate


def test_a_gate_that_starts_in_shadow_has_to_earn_its_voice() -> None:
    rules = Rules(gate=Gate.BLOCK, precision=Precision(start="shadow"))
    assert standing(rules, Tally()).gate is Gate.SHADOW
    assert standing(rules, Tally(6, 6)).gate is Gate.SHADOW
    assert standing(rules, Tally(8, 4)).gate is Gate.ADVISE
    assert standing(rules, Tally(30, 2)).gate is Gate.BLOCK


def test_a_gate_may_block_from_the_start_until_it_is_refuted() -> None:
    rules = Rules(gate=Gate.BLOCK, precision=Precision(start="block"))
    assert standing(rules, Tally(1, 3)).gate is Gate.BLOCK
    assert standing(rules, Tally(5, 5)).gate is Gate.ADVISE
    assert standing(rules, Tally(0, 20)).gate is Gate.SHADOW


def test_the_start_never_exceeds_what_the_rules_want() -> None:
    rules = Rules(gate=Gate.ADVISE, precision=Precision(start="block"))
    assert standing(rules, Tally()).gate is Gate.ADVISE


def test_a_standing_shows_its_evidence() -> None:
    found = standing(BLOCKING, Tally(8, 2))
    assert found.is_held_back
    assert (found.needed, found.least, found.tally.precision) == (0.7, 10, 0.8)

from __future__ import annotations

import math
import random

import pytest

from judge.shrink import NOTHING, Adjustment, Weighted, fit


def drawn(n: int, *, slope: float, intercept: float, seed: int = 7) -> list[Weighted]:
    """Labels of a repository whose true logit is slope * global logit + intercept."""
    chance = random.Random(seed)
    labels = []
    for _ in range(n):
        z = chance.gauss(0, 1.5)
        true = 1 / (1 + math.exp(-(slope * z + intercept)))
        labels.append(Weighted(1 / (1 + math.exp(-z)), int(chance.random() < true), 1.0))
    return labels


def test_no_labels_change_nothing() -> None:
    assert fit([]) == NOTHING
    assert NOTHING.probability(0.3) == pytest.approx(0.3)


def test_many_labels_find_the_curve_that_they_were_drawn_from() -> None:
    found = fit(drawn(20_000, slope=0.7, intercept=0.8), wrong_share=0.0)
    assert found.slope == pytest.approx(0.7, abs=0.05)
    assert found.intercept == pytest.approx(0.8, abs=0.05)


def test_few_labels_stay_close_to_the_global_curve() -> None:
    labels = drawn(2_000, slope=1.0, intercept=1.5)
    few, many = fit(labels[:5]), fit(labels)
    assert abs(few.intercept) < abs(many.intercept)


def test_a_label_of_no_weight_teaches_nothing() -> None:
    found = fit([Weighted(0.2, 1, 0.0)] * 50)
    assert (found.slope, found.intercept) == (1.0, 0.0)


def test_labels_known_to_be_partly_wrong_move_a_clear_case_less() -> None:
    against = [Weighted(0.001, 1, 1.0)] * 3
    assert fit(against, wrong_share=0.1).intercept < fit(against, wrong_share=0.0).intercept


def test_the_order_of_snippets_stays_even_when_labels_say_the_opposite() -> None:
    opposite = [Weighted(0.9, 0, 1.0)] * 200 + [Weighted(0.1, 1, 1.0)] * 200
    found = fit(opposite)
    assert found.slope > 0
    assert found.probability(0.9) > found.probability(0.1)


def test_probabilities_of_nought_and_one_are_taken() -> None:
    found = fit([Weighted(0.0, 1, 1.0), Weighted(1.0, 0, 1.0)])
    assert 0 <= found.probability(0.0) <= found.probability(1.0) <= 1


def test_a_share_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"below 0\.5"):
        fit([], wrong_share=0.5)


def test_a_lower_intercept_lowers_probabilities() -> None:
    assert Adjustment(1.0, -1.0, 1.0).probability(0.5) < 0.5

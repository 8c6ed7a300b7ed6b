import math

import numpy as np
import pytest

from judge.calibrate import Calibration, fit, sigmoid


def drawn(slope: float, intercept: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(0)
    logits = source.normal(size=n) * 3
    p = 1 / (1 + np.exp(-(slope * logits + intercept)))
    return logits, (source.random(n) < p).astype(np.int64)


def test_a_known_curve_is_found_again() -> None:
    found = fit(*drawn(0.7, -0.4))
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(-0.4, abs=0.05)


def test_probabilities_match_how_often_the_code_was_right() -> None:
    logits, labels = drawn(1.3, 0.5)
    found = fit(logits, labels)
    p = np.array([found.probability(logit) for logit in logits])
    for low in (0.1, 0.4, 0.7):
        chosen = (p > low) & (p < low + 0.2)
        assert p[chosen].mean() == pytest.approx(labels[chosen].mean(), abs=0.03)


def test_separable_rows_give_a_finite_curve() -> None:
    found = fit(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
    assert math.isfinite(found.slope)
    assert 0.5 < found.probability(2.0) < 1.0


def test_logits_that_rank_backwards_are_refused() -> None:
    logits, labels = drawn(1.0, 0.0)
    with pytest.raises(ValueError, match="do not go with correct"):
        fit(-logits, labels)


@pytest.mark.parametrize("labels", [[1, 1, 1], [0, 0, 0], [1, 0]])
def test_labels_of_one_class_or_of_another_length_are_refused(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="both classes"):
        fit(np.array([0.1, 0.2, 0.3]), np.array(labels))


def test_the_base_rate_and_the_count_are_kept() -> None:
    found = fit(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0, 1, 0, 1]))
    assert (found.base_rate, found.n) == (0.5, 4)


def test_a_falling_curve_is_no_calibration() -> None:
    with pytest.raises(ValueError, match="slope"):
        Calibration(slope=-1.0, intercept=0.0, base_rate=0.5, n=1)


@pytest.mark.parametrize("x", [-1e9, -700.0, 0.0, 700.0, 1e9])
def test_the_logistic_function_never_overflows(x: float) -> None:
    assert 0.0 <= sigmoid(x) <= 1.0
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1.0)


def test_beyond_the_logits_of_the_fit_nothing_is_surer_than_at_their_ends() -> None:
    bounded = Calibration(slope=1.0, intercept=0.0, base_rate=0.5, n=9, low=-2.0, high=3.0)
    assert bounded.probability(-50.0) == bounded.probability(-2.0)
    assert bounded.probability(50.0) == bounded.probability(3.0)
    assert bounded.probability(0.5) > bounded.probability(0.4)


def test_a_row_of_weight_three_counts_like_three_rows() -> None:
    logits, labels = drawn(0.9, 0.3, n=10_000)
    counts = np.where(labels == 1, 3.0, 1.0)
    weighed = fit(logits, labels, weights=counts)
    times = counts.astype(int)
    repeated = fit(np.repeat(logits, times), np.repeat(labels, times))
    assert weighed.slope == pytest.approx(repeated.slope, rel=0.01)
    assert weighed.intercept == pytest.approx(repeated.intercept, abs=0.02)
    assert weighed.base_rate == pytest.approx(repeated.base_rate)

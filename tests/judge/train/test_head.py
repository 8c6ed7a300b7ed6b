import numpy as np
import pytest

from judge.train.head import even_weights, fair_weights, regression


def test_every_writer_counts_alike() -> None:
    writers = ["small"] * 6 + ["large"] * 3
    weights = even_weights(writers)
    assert weights[:6].sum() == pytest.approx(weights[6:].sum())
    assert weights.mean() == pytest.approx(1.0)


def test_one_answer_of_a_rare_writer_does_not_outweigh_many() -> None:
    assert even_weights(["common"] * 99 + ["rare"]).max() == 4.0


def test_a_heavy_row_pulls_the_regression_to_its_side() -> None:
    inputs = np.array([[0.0], [1.0], [0.0], [1.0]])
    labels = np.array([0, 1, 1, 0])
    agreeing = regression(inputs, labels, 1.0, np.array([5.0, 5.0, 1.0, 1.0]))
    against = regression(inputs, labels, 1.0, np.array([1.0, 1.0, 5.0, 5.0]))
    assert agreeing.weights[0] > 0 > against.weights[0]


def test_who_wrote_the_code_says_nothing_of_whether_it_is_right() -> None:
    writers = ["weak"] * 10 + ["strong"] * 10
    labels = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0] + [1] * 7 + [0] * 3)
    weights = fair_weights(writers, labels)
    for written in (slice(0, 10), slice(10, 20)):
        part, weight = labels[written], weights[written]
        assert weight[part == 1].sum() == pytest.approx(weight[part == 0].sum())

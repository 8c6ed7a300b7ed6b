import pytest

from judge.agreement import agreement


def test_what_most_candidates_say_agrees_most() -> None:
    shared = agreement(["return a + b", "return a + b", "return a - b", "raise"])
    assert shared[0] == shared[1] > shared[2] > shared[3]


def test_a_candidate_alone_agrees_with_nobody() -> None:
    assert agreement(["return 1"]) == [0.0]
    assert agreement([]) == []


def test_formatting_does_not_count() -> None:
    assert agreement(["a+b", "a  +  b"]) == pytest.approx([1.0, 1.0])


def test_empty_code_is_like_nothing() -> None:
    assert agreement(["", "x = 1", "x = 1"])[0] == 0.0


def test_it_is_the_mean_cosine_over_the_pairs() -> None:
    codes = ["x = 1", "x = 2", "y = 2"]
    pairs = {(a, b): agreement([codes[a], codes[b]])[0] for a in range(3) for b in range(3)}
    expected = [(pairs[0, 1] + pairs[0, 2]) / 2, (pairs[1, 0] + pairs[1, 2]) / 2]
    assert agreement(codes)[:2] == pytest.approx(expected)

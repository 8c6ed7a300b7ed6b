from __future__ import annotations

import pytest

from bot.scoring import example_of, score
from judge.types import Example
from tests.fakes import BASE_RATE, FixedJudge


def test_rows_keep_their_fields_and_order_and_gain_a_verdict() -> None:
    judge = FixedJudge(by_text={"bad": 0.1})
    given = [{"id": 1, "code": "good"}, {"id": 2, "code": "bad", "x": [1]}]
    assert list(score(given, judge)) == [
        {"id": 1, "code": "good", "p_correct": 0.9, "logit": 4.0, "model": "fixed-1"}
        | {"abstained": False},
        {"id": 2, "code": "bad", "x": [1], "p_correct": 0.1, "logit": -4.0, "model": "fixed-1"}
        | {"abstained": False},
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "the row has no code"),
        ({"code": None}, "code is null, expected a text"),
        ({"code": 3}, "code is a number, expected a text"),
        ({"code": True}, "code is a boolean, expected a text"),
        ({"code": ["x"]}, "code is a list, expected a text"),
        ({"code": {"x": 1}}, "code is an object, expected a text"),
        ({"code": ""}, "there is no code"),
        ({"code": "x", "prompt": 3}, "prompt is a number, expected a text"),
        ({"code": "x", "diff": []}, "diff is a list, expected a text"),
    ],
)
def test_a_row_without_text_to_judge_is_an_abstention_with_a_reason(
    row: dict[str, object], reason: str
) -> None:
    (answer,) = score([row], FixedJudge())
    assert answer == row | {
        "p_correct": BASE_RATE,
        "logit": 0.0,
        "model": "fixed-1",
        "abstained": True,
        "reason": reason,
    }


def test_a_missing_prompt_and_a_strange_language_are_no_obstacle() -> None:
    assert example_of({"code": "x", "prompt": None, "language": 7}) == Example("", "x")


def test_a_row_of_a_change_is_asked_with_its_diff() -> None:
    row = {"code": "x", "prompt": "p", "language": "go", "diff": "@@", "context": "kept"}
    assert example_of(row) == Example("p", "x", "go", "@@")


def test_an_earlier_verdict_is_replaced_whole() -> None:
    (abstained,) = score([{"code": ""}], FixedJudge())
    (again,) = score([abstained | {"code": "x"}], FixedJudge())
    assert "reason" not in again
    assert again["abstained"] is False


def test_a_reason_that_is_no_verdicts_stays() -> None:
    (answer,) = score([{"code": "x", "reason": "mine"}], FixedJudge())
    assert answer["reason"] == "mine"


def test_no_more_than_a_batch_is_held() -> None:
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield {"code": "x"}

    answers = score(endless(), FixedJudge(), batch=4)
    next(answers)
    assert taken == 4

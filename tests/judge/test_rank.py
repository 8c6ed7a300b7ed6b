import pytest

from judge.rank import rank_rows


def ranks(*rows: dict[str, object]) -> list[object]:
    return [row["rank"] for row in rank_rows(rows)]


def test_the_likeliest_candidate_of_each_task_comes_first() -> None:
    rows = [
        {"task_id": "a", "p_correct": 0.2},
        {"task_id": "b", "p_correct": 0.1},
        {"task_id": "a", "p_correct": 0.9},
    ]
    assert ranks(*rows) == [2, 1, 1]


def test_rows_keep_their_order_and_their_fields() -> None:
    rows = [{"task_id": 1, "p_correct": 0.1, "note": "x"}, {"task_id": 1, "p_correct": 0.3}]
    assert rank_rows(rows) == [{**rows[0], "rank": 2}, {**rows[1], "rank": 1}]


def test_equal_probabilities_are_told_apart_by_the_logit_and_then_by_order() -> None:
    tie = {"task_id": "a", "p_correct": 0.5}
    assert ranks({**tie, "logit": 0.0}, {**tie, "logit": 1.0}, {**tie, "logit": 0.0}) == [2, 1, 3]


def test_a_row_that_was_not_judged_stands_last_however_high_its_number() -> None:
    judged = {"task_id": "a", "p_correct": 0.1, "abstained": False}
    assert ranks({"task_id": "a", "p_correct": 0.9, "abstained": True}, judged) == [2, 1]


def test_ranks_of_a_task_are_one_to_n_without_gaps() -> None:
    rows = [{"task_id": "t", "p_correct": (7 * i % 11) / 11} for i in range(11)]
    assert sorted(ranks(*rows)) == list(range(1, 12))


def test_rows_without_a_task_are_candidates_of_one() -> None:
    assert ranks({"p_correct": 0.1}, {"p_correct": 0.2}) == [2, 1]


def test_of_equally_likely_candidates_the_one_like_the_others_comes_first() -> None:
    tie = {"task_id": "a", "p_correct": 0.5}
    rows = [{**tie, "code": code} for code in ("return x * 7", "return x + 1", "return 1 + x + 1")]
    assert ranks(*rows)[0] == 3


def test_a_much_likelier_candidate_stays_first_whatever_the_others_say() -> None:
    rows = [{"task_id": "a", "p_correct": 0.02, "code": "return x + 1"} for _ in range(5)]
    assert ranks(*rows, {"task_id": "a", "p_correct": 0.99, "code": "yield"})[-1] == 1


@pytest.mark.parametrize(
    "bad", [{}, {"p_correct": None}, {"p_correct": "0.4"}, {"p_correct": True}]
)
def test_a_row_that_was_never_scored_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="p_correct"):
        rank_rows([{"task_id": "a", **bad}])

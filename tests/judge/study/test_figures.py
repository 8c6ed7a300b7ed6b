from __future__ import annotations

from dataclasses import replace

import pytest

from judge.study.answers import Answer, BadAnswers, line_of, read_lines
from judge.study.config import Price
from judge.study.figures import result_of, sizes_of
from judge.study.pool import BadPool, pool_of
from judge.study.rankings import answers_of
from judge.study.report import Measured, report

ROWS = [
    {"task_id": f"t/{n // 3}", "language": "python", "label": int(n % 3 == 0), "code": f"a{n}"}
    for n in range(12)
]
POOL = pool_of(ROWS)


def answers(**of: float) -> dict[str, Answer]:
    """What a system says of right and wrong candidates."""
    rows = [one for task in POOL for one in task]
    return {one.id: Answer(one.id, of["right" if one.label else "wrong"]) for one in rows}


def test_the_pool_does_not_depend_on_the_order_of_the_rows() -> None:
    assert pool_of(reversed(ROWS)) == POOL
    assert [len(task) for task in POOL] == [3, 3, 3, 3]


def test_code_with_two_labels_is_no_candidate_and_a_repeat_is_one() -> None:
    again = [*ROWS, ROWS[0], {**ROWS[1], "label": 1}]
    codes = {one.code for task in pool_of(again) for one in task}
    assert codes == {f"a{n}" for n in range(12)} - {"a1"}


def test_a_row_without_a_label_is_named() -> None:
    with pytest.raises(BadPool, match="row 2 has no label"):
        pool_of([ROWS[0], {"task_id": "t", "code": "x"}])


def test_a_perfect_order_puts_a_right_candidate_first_and_a_wrong_one_never() -> None:
    good = result_of(POOL, answers(right=1, wrong=0), resamples=20)
    bad = result_of(POOL, answers(right=0, wrong=1), resamples=20)
    assert (good.figures["auc"].value, good.figures["top1"].value) == (1, 1)
    assert (bad.figures["auc"].value, bad.figures["top1"].value) == (0, 0)
    assert bad.figures["mrr"].value == pytest.approx(1 / 3)
    assert good.figures["auc"].n == 12


def test_the_curve_has_the_sizes_that_tasks_have_and_of_one_candidate_there_is_no_choice() -> None:
    good = result_of(POOL, answers(right=1, wrong=0), resamples=20)
    bad = result_of(POOL, answers(right=0, wrong=1), resamples=20)
    assert sizes_of(POOL) == list(good.curve) == [1, 2]
    first = sum(task[0].label for task in POOL) / 4
    assert good.curve[1].value == bad.curve[1].value == first
    either = sum(max(one.label for one in task[:2]) for task in POOL) / 4
    assert good.curve[2].value == either


def test_agreement_among_n_does_not_know_the_candidates_after_them() -> None:
    task = POOL[0]
    changed = [*task[:2], replace(task[2], code="quite other code")]
    assert answers_of("agreement", task)[0].among == answers_of("agreement", changed)[0].among


def test_a_cost_is_told_for_a_thousand_or_not_at_all() -> None:
    some = {key: replace(one, seconds=0.5) for key, one in answers(right=1, wrong=0).items()}
    cost = result_of(POOL, some, resamples=5).cost
    assert (cost.seconds, cost.tokens, cost.money) == (500, None, None)


def test_the_peak_of_memory_is_the_highest_of_any_task_and_money_has_a_stated_price() -> None:
    told = answers(right=1, wrong=0)
    some = {
        key: replace(one, cpu_seconds=3.6, memory_mib=100.0 + place)
        for place, (key, one) in enumerate(told.items())
    }
    found = result_of(POOL, some, resamples=5)
    assert found.cost.memory_mib == 111
    one = Measured("T", "f", "0" * 64, 4, 12, 4, [], {"judge": found}, {}, in_file=9)
    page = report([one], [], commit="c", machine="m", limit=None, price=Price(0.05))
    assert "the stated 0.05 USD for an hour of one core" in page
    assert "| judge | 0.00 | 3,600.00 | – | 111 | 0.0500 |" in page
    assert "12 candidates of 4 tasks, 4 of them right; the first 4 tasks of 9 from f" in page
    without = report([one], [], commit="c", machine="m", limit=None)
    assert "| judge | 0.00 | 3,600.00 | – | 111 | – |" in without


def test_an_answer_comes_back_from_its_line() -> None:
    one = Answer(
        "a", 1.5, p=0.25, abstained=True, among={2: 0.5}, tokens=3, cpu_seconds=None, memory_mib=7.5
    )
    assert read_lines([line_of(one)], file="x") == {"a": one}
    with pytest.raises(BadAnswers, match="x, line 2"):
        read_lines(["[]\n"], file="x")


def test_a_text_of_the_configuration_cannot_break_the_page() -> None:
    data = Measured("a | b <img>\n# c", "f", "0" * 64, 0, 0, 0, [], {}, {"x|y": "`why`"})
    page = report([data], [], commit=None, machine="m", limit=None)
    assert "## a \\| b \\<img\\> \\# c" in page
    assert "| x\\|y | not measured here | \\`why\\` |" in page


def test_the_shipped_order_is_that_of_gavel_rank() -> None:
    from judge.rank import rank_rows
    from judge.study.systems import ranked

    task = pool_of(
        [
            {"task_id": "t", "language": "python", "label": 0, "code": code}
            for code in (
                "return a + b",
                "return a - b",
                "return a + b + 0",
                "print(1)",
                "x = a + b",
            )
        ]
    )[0]
    heads = [
        Answer(one.id, 0.0, p=p, abstained=p == 0.4)
        for one, p in zip(task, (0.5, 0.9, 0.4, 0.2, 0.5), strict=True)
    ]
    told = ranked(task, heads)
    rows = [
        {"task_id": "t", "code": one.code, "p_correct": head.p, "abstained": head.abstained}
        for one, head in zip(task, heads, strict=True)
    ]
    best_first = sorted(range(5), key=lambda at: (told[at].abstained, -told[at].score))
    assert [row["rank"] for row in rank_rows(rows)] == [best_first.index(at) + 1 for at in range(5)]
    alone = ranked(task[:2], heads[:2])
    assert [one.among[2] for one in told[:2]] == [one.score for one in alone]

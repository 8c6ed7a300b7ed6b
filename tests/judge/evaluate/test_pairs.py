from __future__ import annotations

import numpy as np
import pytest

from judge.evaluate.pairs import (
    ALL,
    BALANCED,
    GROWTH,
    Pair,
    accuracies,
    chosen,
    pairs_of,
    preferred,
)


def row(name: str, code: str, label: int, **more: object) -> dict[str, object]:
    return {"id": name, "task_id": "t", "code": code, "label": label, **more}


def pair(growth: str, task: str) -> Pair:
    return Pair({"code": f"{task} bad"}, {"code": f"{task} good"}, GROWTH.index(growth), task)


def test_a_mutant_is_paired_with_its_original_from_another_file() -> None:
    mutants = [row("m", "a < b", 0, original="o"), row("n", "a > b", 0, original="missing")]
    (found,) = pairs_of(mutants, [row("o", "a <= b", 1)])
    assert (found.wrong["id"], found.right["id"]) == ("m", "o")
    assert GROWTH[found.growth] == "grew"


def test_a_function_before_a_fix_is_paired_with_itself_after_it() -> None:
    rows = [
        row("after", "short", 1, kind="fix", task_id="f"),
        row("before", "longer", 0, kind="fix", task_id="f"),
        row("alone", "x", 0, kind="fix", task_id="g"),
        row("change", "x", 1, kind="introduced", task_id="f"),
    ]
    (found,) = pairs_of(rows)
    assert (found.wrong["id"], found.right["id"]) == ("before", "after")
    assert GROWTH[found.growth] == "shrank"


def test_a_partner_of_the_same_label_makes_no_pair() -> None:
    assert pairs_of([row("m", "a", 0, original="o"), row("o", "b", 0)]) == []


def test_choosing_takes_a_third_of_each_growth_where_there_are_as_many() -> None:
    pairs = [pair("grew", f"g{n}") for n in range(20)] + [pair("shrank", f"s{n}") for n in range(9)]
    pairs.append(pair("kept", "k"))
    taken = chosen(pairs, 7)
    assert [sum(one.growth == place for one in taken) for place in range(3)] == [3, 1, 3]
    assert taken == chosen([*reversed(pairs)], 7)
    assert len(chosen(pairs, 100)) == 30


def test_the_balanced_accuracy_of_length_alone_is_one_half() -> None:
    pairs = [pair("grew", f"g{n}") for n in range(8)] + [pair("shrank", f"s{n}") for n in range(2)]
    longer_is_right = np.array([1.0] * 8 + [0.0] * 2)
    told = accuracies(pairs, longer_is_right, resamples=50)
    assert told[ALL].value == pytest.approx(0.8)
    assert told[BALANCED].value == pytest.approx(0.5)
    assert told["kept"].value is None
    assert told["kept"].reason
    assert told["grew"].n == 8


def test_pairs_of_one_task_are_resampled_together() -> None:
    pairs = [pair("grew", "one task") for _ in range(50)]
    told = accuracies(pairs, np.array([1.0, 0.0] * 25), resamples=50)
    assert told[ALL].low is None
    apart = accuracies([pair("grew", f"t{n}") for n in range(50)], np.array([1.0, 0.0] * 25))
    assert apart[ALL].low is not None
    assert 0.3 < apart[ALL].low < 0.5


def test_equal_scores_count_half() -> None:
    assert preferred(np.array([1.0, 2.0]), np.array([1.0, 3.0])).tolist() == [0.5, 1.0]


def test_rows_without_a_label_or_code_make_no_pair() -> None:
    wrong = {"id": "b", "original": "a", "label": 0, "code": "x"}
    for right in ({"id": "a", "code": "y"}, {"id": "a", "label": 1}):
        assert pairs_of([wrong], [right]) == []
    fixes = [{"kind": "fix", "task_id": "t", "label": label} for label in (0, 1)]
    assert pairs_of(fixes) == []

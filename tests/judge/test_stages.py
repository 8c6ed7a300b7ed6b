from __future__ import annotations

import pytest

from judge.rank import rank_rows
from judge.stages import compiles, parses, place_of, survivors, undefined_names


def test_a_row_stands_behind_those_that_went_further() -> None:
    stages = ["parse", "tests", "", "passed", "names", "examples", "compile"]
    assert sorted(stages, key=place_of) == [
        *("parse", "compile", "names", "examples", "tests", "", "passed")
    ]


def test_rows_that_fell_need_no_probability_and_rank_by_how_far_they_came() -> None:
    rows: list[dict[str, object]] = [
        {"task_id": 1, "stage": "parse"},
        {"task_id": 1, "stage": "", "p_correct": 0.2},
        {"task_id": 1, "stage": "tests", "p_correct": 0.99},
        {"task_id": 1, "stage": "passed", "p_correct": 0.1},
        {"task_id": 1, "stage": "examples"},
    ]
    assert [row["rank"] for row in rank_rows(rows)] == [5, 2, 3, 1, 4]


def test_who_passes_more_examples_comes_first_even_where_the_judge_abstained() -> None:
    rows: list[dict[str, object]] = [
        {"task_id": 1, "p_correct": 0.9, "examples_shown": 2, "examples_passed": 1},
        {
            "task_id": 1,
            "p_correct": 0.1,
            "abstained": True,
            "examples_shown": 2,
            "examples_passed": 2,
        },
        {"task_id": 1, "p_correct": 0.2, "examples_shown": 2, "examples_passed": 2},
    ]
    assert [row["rank"] for row in rank_rows(rows)] == [3, 2, 1]


def test_a_row_that_did_not_fall_still_needs_its_probability() -> None:
    with pytest.raises(ValueError, match="p_correct"):
        rank_rows([{"task_id": 1, "stage": ""}])


def test_a_filter_that_nobody_passes_is_skipped() -> None:
    assert survivors([0, 2], {0: True, 2: False}) == [0]
    assert survivors([0, 2], {0: False, 2: False}) == [0, 2]


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ("def f(x):\n    return x\n", "python", True),
        ("def f(x:\n    return x\n", "python", False),
        ("function f(x) { return x; }", "javascript", True),
        ("function f(x) { return x; ", "javascript", False),
        (".[] | {", "jq", True),
    ],
)
def test_code_parses_or_does_not(code: str, language: str, expected: bool) -> None:
    assert parses(code, language) is expected


def test_what_parses_may_not_compile() -> None:
    code = "def f(x):\n    x = 1\n    nonlocal x\n    return 1\nbreak\n"
    assert not compiles(code, "python")
    assert compiles("def f(x):\n    return x is 1\n", "python")
    assert not compiles("f(" * 10_000, "python")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(x):\n    return math.sqrt(x)\n", ["math"]),
        ("import math\ndef f(x):\n    return math.sqrt(x)\n", []),
        ("def f(x):\n    import math as m\n    return m.sqrt(x)\n", []),
        ("from math import *\ndef f(x):\n    return sqrt(x)\n", []),
        ("def f(x):\n    return [y for y in x if z]\n", ["z"]),
        ("def f(x):\n    def g():\n        return x + h()\n    return g()\n", ["h"]),
        ("def h():\n    return 1\ndef f(x):\n    return h() + len(x)\n", []),
        ("def f(x):\n    global seen\n    seen = x\n    return seen\n", []),
        ("class A:\n    def f(self):\n        return super().f() or A\n", []),
        (
            "def f(x):\n    try:\n        return x\n    except Wrong as e:\n        return e\n",
            ["Wrong"],
        ),
        ("def f(x: Thing) -> int:\n    return x\n", ["Thing"]),
    ],
)
def test_names_that_nothing_defines_are_found(code: str, expected: list[str]) -> None:
    assert undefined_names(code, "python") == expected


def test_names_that_the_description_gives_are_defined() -> None:
    code = "def f(x):\n    return math.sqrt(helper(x) + LIMIT)\n"
    given = "import math\nLIMIT = 3\ndef helper(x):\n    return x\ndef f(x):\n"
    assert undefined_names(code, "python", given=given) == []
    assert undefined_names("let x = y;", "javascript") == []

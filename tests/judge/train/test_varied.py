"""The same tasks and answers in other words keep their labels and what the code does."""

from __future__ import annotations

import ast
import random
from dataclasses import replace

import pytest

from judge.train.data import DataRow
from judge.train.varied import REMARKS, beside_originals, remarked, short_of, varied

CODE = "def add_two(a, b):\n    c = a + b\n    return c"
ROW = DataRow(
    id="1",
    task_id="T/1",
    source="test",
    language="python",
    prompt=(
        'def add_two(a, b):\n    """Write a function to add two numbers. Fast.\n\n'
        '    >>> 1\n    """'
    ),
    code=CODE,
    label=1,
    generator="people",
    label_from="tests",
    license="MIT",
)


def rows(tasks: int) -> list[DataRow]:
    return [
        replace(ROW, id=f"{task}-{label}-{one}", task_id=f"T/{task}", label=label)
        for task in range(tasks)
        for label in (0, 1)
        for one in range(20)
    ]


def test_a_task_is_said_in_its_first_sentence_or_in_the_words_of_its_name() -> None:
    said = {short_of(ROW.prompt, CODE, random.Random(seed)) for seed in range(50)}
    assert said == {"add two numbers.", "Add two numbers.", "add two"}
    assert short_of("/**\n * Sums.\n */\nfunction sumOf(a) {", "x", random.Random(0)) == "Sums."


@pytest.mark.parametrize("prompt", ["", "def f(x):", "@cache\ndef f(x):"])
def test_a_task_without_words_stays_as_it_is_where_the_code_has_no_name(prompt: str) -> None:
    assert short_of(prompt, "lambda x: x", random.Random(0)) == prompt


def test_a_remark_is_a_comment_inside_the_function() -> None:
    for seed in range(20):
        code = remarked(CODE, "python", random.Random(seed))
        assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(CODE))
        assert any(remark in code for remark in REMARKS)
        assert code.startswith("def add_two(a, b):\n    ")
    assert "  // " in remarked("function f() {\n  return 1;\n}", "javascript", random.Random(0))
    assert remarked("def f(a): return a", "python", random.Random(0)) == "def f(a): return a"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("def f():\n    return '''one\n    two\n    three'''", "python"),
        ("def f(a):\n    return a + \\\n        1", "python"),
        ("function f() {\n  return `one\n  two\n  three`;\n}", "javascript"),
    ],
)
def test_a_remark_never_comes_into_a_text_or_between_the_halves_of_a_line(
    code: str, language: str
) -> None:
    for seed in range(20):
        noted = remarked(code, language, random.Random(seed))
        assert noted == code or noted.split("\n")[1].strip().startswith(("#", "//"))


def test_remarks_come_into_right_and_wrong_rows_alike_and_labels_stay() -> None:
    found = varied(rows(60), tasks=30)
    assert len({row.task_id for row in found}) == 30
    shares = []
    for label in (0, 1):
        part = [row for row in found if row.label == label]
        assert len(part) == 600
        shares.append(sum(row.code != CODE for row in part) / len(part))
    assert shares == pytest.approx([1 / 3, 1 / 3], abs=0.06)
    assert all(row.code.replace("\n", "").startswith("def add_two") for row in found)


def test_all_rows_of_a_task_are_asked_alike_and_every_run_gives_the_same() -> None:
    found = varied(rows(9), tasks=9)
    prompts: dict[str, set[str]] = {}
    for row in found:
        prompts.setdefault(row.task_id, set()).add(row.prompt)
    assert all(len(one) == 1 for one in prompts.values())
    assert sum(one == {ROW.prompt} for one in prompts.values()) == 3
    assert varied(rows(9)[::-1], tasks=9) == found
    assert varied(rows(2), tasks=0) == []


def test_variants_stand_beside_right_answers_to_their_tasks_alone() -> None:
    right, wrong, other = ROW, replace(ROW, id="2", label=0), replace(ROW, id="3", task_id="T/2")
    mutant = replace(ROW, id="4", label=0, label_from="mutation")
    assert beside_originals([mutant], [right, wrong, other]) == [mutant, right]

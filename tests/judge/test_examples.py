from __future__ import annotations

import pytest

from judge.examples import examples_of
from judge.examples_javascript import same

CODE = {
    "python": "def add(a, b=0):\n    return a + b\n",
    "javascript": "function add(a, b) {\n  return a + b;\n}\n",
}


def shown(prompt: str, language: str = "python") -> list[tuple[object, ...]]:
    found = examples_of([prompt], [CODE[language]], language)
    return [(one.call.args, dict(one.call.kwargs), one.expected) for one in found]


@pytest.mark.parametrize(
    "prompt",
    [
        'def add(a, b):\n    """Adds.\n    >>> add(1, 2)\n    3\n    """',
        "Adds.\n>>> add(1,\n...     2)\n3\n\nMore words.",
        "add(1, 2) == 3",
        "    assert add(1, 2) == 3",
        "# add(1, 2)  # => 3",
        "print(add(1, 2))  # 3",
        "For example, `add(1, 2)` returns `3`.",
        "* add(1, 2) -> 3",
        "add(1, 2) should return 3.",
    ],
)
def test_an_example_is_read_however_it_is_shown(prompt: str) -> None:
    assert shown(prompt) == [((1, 2), {}, 3)]


@pytest.mark.parametrize(
    "prompt",
    [
        "add(1, 2) is simple",
        "add(x, 2) == 3",
        "add(1, 2) != 3",
        "It is not so that add(1, 2) == 3",
        "not add(1, 2) == 3",
        "1 + add(1, 2) == 4",
        "abs(add(1, 2)) == 4",
        "max(9, add(1, 2)) == 9",
        "add(1, 2) == 3 or add(1, 2) == 4",
        "sub(1, 2) == 3",
        ">>> add(__import__('os'), 2)\n3",
        ">>> add(1, 2)\nTraceback (most recent call last):",
        "if add(1, 2) == 3",
        "add(*[1, 2]) == 3",
        "add(1, 2) == " + "[" * 5_000,
        "add(1, 2",
    ],
)
def test_what_can_be_read_in_two_ways_or_is_no_literal_is_no_example(prompt: str) -> None:
    assert shown(prompt) == []


def test_values_of_several_lines_and_named_arguments_are_read() -> None:
    assert shown('>>> add([1], b={"k": (2,)})\n[1,\n 2]\n') == [
        (([1],), {"b": {"k": (2,)}}, [1, 2])
    ]


def test_examples_that_contradict_each_other_are_none() -> None:
    assert shown("add(1, 2) == 3\nadd(1, 2) == 4\nadd(0, 0) == 0") == [((0, 0), {}, 0)]


def test_the_examples_of_all_descriptions_of_a_task_count_once() -> None:
    prompts = ["add(1, 2) == 3", ">>> add(1, 2)\n3", "add(2, 2) == 4", "no example"]
    assert len(examples_of(prompts, [CODE["python"]], "python")) == 2


def test_a_language_that_cannot_be_run_has_no_examples() -> None:
    assert examples_of(["add(1, 2) == 3"], ["int add(int a, int b) { return 3; }"], "cpp") == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "/**\n * Adds.\n * > add([1, 'a'], {k: undefined})\n * null\n */",
        "/**\n * @example\n * add([1, 'a'], {k: undefined}); // null\n */",
        "// add([1, \"a\"], {'k': undefined}) === null",
        "console.log(add([1, 'a'], { k: undefined })); // => null",
        "assert.deepEqual(add([1, 'a'], {k: undefined}), null);",
        "expect(add([1, `a`], {k: undefined})).toEqual(null);",
    ],
)
def test_examples_in_javascript_are_read_with_their_values(prompt: str) -> None:
    packed = ({"l": [1, "a"]}, {"d": [["k", {"u": 1}]]})
    assert shown(prompt, "javascript") == [(packed, {}, None)]


def test_objects_are_equal_in_any_order_and_a_list_is_no_object() -> None:
    one, other = (
        {"d": [["a", 1], ["b", {"l": [0.1 + 0.2]}]]},
        {"d": [["b", {"l": [0.3]}], ["a", 1]]},
    )
    assert same(one, other)
    assert not same({"l": []}, {"d": []})
    assert not same(1, True)
    assert not same(None, {"u": 1})

from __future__ import annotations

import os
from pathlib import Path

import pytest

from judge.examples import Call, Shown, examples_of
from judge.execute import PythonRunner, Reply
from judge.execute_agreement import by_tests, output_agreement
from judge.execute_inputs import inputs_of, packed_value, unpacked_value
from judge.execute_written import written_tests
from judge.registry import DEFAULT_MODEL, require
from judge.train.generate import open_writer
from worker.settings import default_home


class Typist:
    """A writer that always says the same."""

    def __init__(self, *texts: str | None) -> None:
        self.texts, self.asked = texts, ""

    def write(
        self, ask: str, opening: str, *, count: int, temperature: float, max_tokens: int, seed: int
    ) -> list[str | None]:
        self.asked = ask + opening
        return list(self.texts)


def test_candidates_that_give_the_same_back_each_other() -> None:
    replies = [
        [Reply(1), Reply([2.0])],
        [Reply(1.0000000000001), Reply([2])],
        [Reply(1), Reply(error="timeout")],
        [Reply(7), Reply(error="timeout")],
    ]
    assert output_agreement(replies) == pytest.approx([3 / 6, 3 / 6, 2 / 6, 0])


def test_errors_agree_with_nothing_and_calls_that_all_fail_tell_nothing() -> None:
    failed = Reply(error="exception:TypeError")
    assert output_agreement([[failed], [failed]]) == [0, 0]
    assert output_agreement([[failed, Reply(1)], [failed, Reply(1)]]) == [1, 1]
    assert output_agreement([[Reply(1)]]) == [0]
    assert output_agreement([[Reply("1")], [Reply(1)], [Reply(True)]]) == [0, 0, 0]


def test_candidates_that_pass_the_same_written_tests_back_each_other() -> None:
    scores = by_tests([[True, True, False], [True, True, False], [False, False, True], [False] * 3])
    assert scores == pytest.approx([2 * 2**0.5, 2 * 2**0.5, 1, 0])


def test_inputs_are_like_those_of_the_examples() -> None:
    code = "def f(xs, k):\n    return xs\n"
    shown = examples_of(["f([3, 1, 2], 2) == [1]"], [code], "python")
    calls = inputs_of(shown, [code], "python")
    assert len(calls) > 10
    assert calls == inputs_of(shown, [code], "python")
    assert calls[0].args == ([3, 1, 2], 2)
    assert all(isinstance(c.args[0], list) and isinstance(c.args[1], int) for c in calls)


def test_without_examples_every_parameter_gets_small_values() -> None:
    codes = ["def f(a, b, c=1, *d):\n    return a\n", "def helper(x):\n    return x\n"] * 2
    calls = inputs_of([], codes, "python")
    assert {len(call.args) for call in calls} == {2}
    assert len(calls) > 5
    packed = inputs_of([], ["function g(a) { return a; }"], "javascript")
    assert any(isinstance(call.args[0], dict) and "l" in call.args[0] for call in packed)
    assert inputs_of([], ["no function"], "python") == []


def test_values_are_packed_and_unpacked() -> None:
    value = {"k": [1, "a", None, {"z": True}]}
    assert unpacked_value(packed_value(value)) == value
    assert unpacked_value({"u": 1}) is None


def test_tests_that_a_model_writes_are_read_and_never_those_of_the_prompt() -> None:
    prompt = 'def f(x):\n    """Double.\n    >>> f(1)\n    2\n    """'
    writer = Typist("1) == 2\nf(3) == 6\nf(y) == 2\nimport os\nf(4) == os.getpid()\n```", None)
    found = written_tests(prompt, ["def f(x):\n    return 2 * x\n"], "python", writer=writer)
    assert found == [Shown(Call("f", (3,)), 6)]
    assert "f(arguments) == result" in writer.asked
    assert written_tests("Double.", ["x = 1"], "python", writer=writer) == []


@pytest.mark.sandbox
def test_right_candidates_agree_by_output_though_their_texts_differ() -> None:
    codes = [
        "def f(xs):\n    return sorted(xs)\n",
        "def f(xs):\n    ys = list(xs)\n    ys.sort()\n    return ys\n",
        "def f(xs):\n    return list(reversed(xs))\n",
        "def f(xs):\n    return list(set(xs))\n",
    ]
    calls = inputs_of(examples_of(["f([3, 1, 1]) == [1, 1, 3]"], codes, "python"), codes, "python")
    with PythonRunner() as runner:
        scores = output_agreement([runner.replies(code, calls) for code in codes])
    assert min(scores[:2]) > max(scores[2:])


@pytest.mark.model
def test_the_real_model_writes_tests_that_can_be_read() -> None:
    home = Path(os.environ.get("GAVEL_HOME") or default_home())
    writer = open_writer(require(home, DEFAULT_MODEL))
    prompt = 'def add(a, b):\n    """Return the sum of two numbers."""'
    code = "def add(a, b):\n    return a + b\n"
    found = written_tests(prompt, [code], "python", writer=writer, samples=2, temperature=0.2)
    assert found
    assert all(one.call.entry == "add" for one in found)

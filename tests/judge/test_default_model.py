"""The default model itself: whatever it is asked, it says something finite, and the same."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from judge.registry import DEFAULT_MODEL
from judge.score import load_judge
from judge.types import Example, Judge
from worker.settings import WorkerSettings

pytestmark = pytest.mark.model

ADD = Example("Add two numbers.", "def add(a, b):\n    return a + b\n", "python")
ASKED = (
    ADD,
    replace(ADD, code="def add(a, b):\n    return a - b\n"),
    Example("", "def half(n):\n    return n / 2\n", "python"),
    Example(
        "Wait.", "function wait(ms) {\n  return new Promise(r => setTimeout(r, ms));\n}\n", "js"
    ),
    replace(ADD, code="def add(a, b):\n    total = a\n    total += b\n    return total\n"),
)
ODD = (
    Example("", "", "python"),
    Example("Add.", "x = 1\n" * 170_000, "python"),
    Example("Add.", "a\0b = 1", "python"),
    Example("\udfff", "x = '\ud800'", "python"),
    Example("", "x = 1", ""),
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge(DEFAULT_MODEL, home=WorkerSettings().home)


def test_odd_code_gets_a_finite_verdict_or_an_abstention_with_a_reason(judge: Judge) -> None:
    verdicts = judge.judge(ODD)
    assert all(math.isfinite(one.logit) and 0 <= one.p_correct <= 1 for one in verdicts)
    assert [bool(one.reason) for one in verdicts] == [one.abstained for one in verdicts]
    assert all(one.abstained for one in (verdicts[0], verdicts[1], verdicts[4]))


def test_a_probability_does_not_depend_on_the_other_rows_of_the_batch(judge: Judge) -> None:
    together = judge.judge((*ASKED, *ODD, *reversed(ASKED)))
    alone = [judge.judge([one])[0] for one in ASKED]
    for single, first, last in zip(alone, together, reversed(together), strict=False):
        assert first.p_correct == pytest.approx(single.p_correct, abs=0.01)
        assert last.p_correct == pytest.approx(single.p_correct, abs=0.01)
    assert len({round(one.p_correct, 6) for one in alone}) > 1

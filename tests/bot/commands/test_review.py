from __future__ import annotations

import io
import sys

import pytest

from bot.commands.review import Shown
from judge.types import Example
from tests.fakes import FixedJudge


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_a_shown_judge_says_what_the_judge_says(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    examples = [Example("", f"code {n}") for n in range(count)]
    monkeypatch.setattr(sys, "stderr", Terminal())
    judge = FixedJudge(0.2, by_text={"code 3": 0.7})
    assert Shown(judge).judge(examples) == FixedJudge(0.2, by_text={"code 3": 0.7}).judge(examples)
    assert judge.asked == examples


def test_the_bar_is_on_standard_error_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, plain = Terminal(), io.StringIO()
    examples = [Example("", f"code {n}") for n in range(5)]
    monkeypatch.setattr(sys, "stderr", terminal)
    Shown(FixedJudge()).judge(examples)
    assert "5/5" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", plain)
    Shown(FixedJudge()).judge(examples)
    assert plain.getvalue() == ""

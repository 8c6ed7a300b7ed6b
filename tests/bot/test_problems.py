from __future__ import annotations

import importlib

import pytest

from bot.problems import CODES, Code, CouldNotJudge, WrongUse, known


@pytest.mark.parametrize("name", CODES)
def test_every_name_in_the_table_is_an_exception(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)


def test_a_known_error_keeps_its_sentence_on_one_line() -> None:
    problem = known(WrongUse("first\n  second"))
    assert problem is not None
    assert (problem.code, problem.sentence) == (Code.WRONG_USE, "first second")


def test_a_sentence_never_controls_the_terminal() -> None:
    problem = known(WrongUse("unknown \x1b[2Jfile\u202e"))
    assert problem is not None
    assert problem.sentence == "unknown file"


def test_a_subclass_of_a_known_error_is_known() -> None:
    class Special(CouldNotJudge):
        pass

    problem = known(Special())
    assert problem is not None
    assert (problem.code, problem.sentence) == (Code.COULD_NOT_JUDGE, "CouldNotJudge")


def test_any_other_error_is_a_fault_of_our_own() -> None:
    assert known(ValueError("x")) is None

"""No text is judged twice, and what is remembered is what the judge said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, func, select

from judge.types import Example, Verdict
from tests.fakes import FixedJudge
from worker.remembering import key_of, remembering
from worker.store import remembered
from worker.store.engine import reading
from worker.store.tables import remembered as table

ADD = Example("Adds.", "def add(a, b):\n    return a + b", "python")
SUB = Example("Subtracts.", "def sub(a, b):\n    return a - b", "python")


class Judge(FixedJudge):
    def __init__(self, p: float = 0.9, *, identity: str = "weights 1", limit: int = 1000) -> None:
        super().__init__(p, by_text={"sub": 0.2})
        self.identity = identity
        self.limit = limit


def ask(engine: Engine, now: datetime, judge: Judge, *examples: Example) -> list[Verdict]:
    """What a worker that has just started says."""
    worker = remembering(judge, engine=engine, clock=lambda: now, limit=judge.limit)
    assert worker.name == judge.name
    return worker.judge(examples)


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def looked_up(found: str) -> float:
    return REGISTRY.get_sample_value("gavel_remembered_verdicts_total", {"found": found}) or 0.0


def test_a_text_is_judged_once_for_all_workers(engine: Engine, now: datetime) -> None:
    first, second = Judge(), Judge(0.5)
    said = ask(engine, now, first, ADD, SUB)
    assert ask(engine, now, second, SUB, ADD) == said[::-1]
    assert (first.asked, second.asked) == ([ADD, SUB], [])


def test_only_the_changed_one_of_many_is_judged_again(engine: Engine, now: datetime) -> None:
    many = [replace(ADD, code=f"def add{n}(a, b):\n    return a + b") for n in range(20)]
    ask(engine, now, Judge(), *many)
    many[7] = SUB
    judge = Judge()
    said = ask(engine, now, judge, *many)
    assert judge.asked == [SUB]
    assert [round(verdict.p_correct, 3) for verdict in said] == [0.9] * 7 + [0.2] + [0.9] * 12


def test_one_text_twice_in_a_batch_is_judged_once(engine: Engine, now: datetime) -> None:
    judge = Judge()
    said = ask(engine, now, judge, ADD, SUB, ADD)
    assert judge.asked == [ADD, SUB]
    assert said[0] == said[2] != said[1]


@pytest.mark.parametrize(
    "other",
    [
        replace(ADD, prompt="Adds two."),
        replace(ADD, code=ADD.code + "\n"),
        replace(ADD, language="ruby"),
        replace(ADD, diff="@@ -1 +1 @@"),
        replace(ADD, prompt=ADD.prompt + ADD.code, code=""),
    ],
)
def test_whatever_the_judge_reads_counts(engine: Engine, now: datetime, other: Example) -> None:
    ask(engine, now, Judge(), ADD)
    judge = Judge()
    ask(engine, now, judge, other)
    assert judge.asked == [other]


def test_another_judge_under_the_same_name_is_asked(engine: Engine, now: datetime) -> None:
    ask(engine, now, Judge(identity="weights 1"), ADD)
    other = Judge(0.4, identity="weights 2")
    assert ask(engine, now, other, ADD)[0].p_correct == 0.4
    assert other.asked == [ADD]


def test_a_judge_that_does_not_say_what_it_is_is_always_asked(
    engine: Engine, now: datetime
) -> None:
    judge = Judge(identity="")
    ask(engine, now, judge, ADD)
    ask(engine, now, judge, ADD)
    assert (judge.asked, count(engine)) == ([ADD, ADD], 0)


def test_nothing_is_remembered_where_nothing_may_be(engine: Engine, now: datetime) -> None:
    judge = Judge(limit=0)
    ask(engine, now, judge, ADD)
    ask(engine, now, judge, ADD)
    assert (judge.asked, count(engine)) == ([ADD, ADD], 0)


def test_an_abstention_is_remembered_with_its_reason(engine: Engine, now: datetime) -> None:
    empty = Example("Adds.", " ", "python")
    said = ask(engine, now, Judge(), empty)
    assert said[0].abstained
    assert ask(engine, now, Judge(), empty) == said


def test_text_that_no_encoding_takes_is_remembered(engine: Engine, now: datetime) -> None:
    odd = replace(ADD, prompt="\ud800\0", code="x = '\udfff'")
    ask(engine, now, Judge(), odd)
    judge = Judge()
    ask(engine, now, judge, odd)
    assert judge.asked == []


def test_a_change_with_another_past_is_another_question() -> None:
    young = replace(ADD, history=(("file_changes", 1.0),))
    old = replace(ADD, history=(("file_changes", 90.0),))
    assert len({key_of("weights 1", one) for one in (ADD, young, old)}) == 3


def test_the_verdicts_unused_for_longest_are_dropped(engine: Engine, now: datetime) -> None:
    texts = [replace(ADD, code=f"x = {n}") for n in range(30)]
    for day, text in enumerate(texts[:20]):
        ask(engine, now + timedelta(days=day), Judge(limit=20), text)
    ask(engine, now + timedelta(days=20), Judge(limit=20), texts[0])  # used again
    for day, text in enumerate(texts[20:], start=21):
        ask(engine, now + timedelta(days=day), Judge(limit=20), text)
    assert count(engine) == 20
    keys = [key_of("weights 1", text) for text in texts]
    left = remembered.find(engine, keys, now=now)
    assert [n for n, key in enumerate(keys) if key in left] == [0, *range(11, 30)]


def test_hits_and_misses_are_counted(engine: Engine, now: datetime) -> None:
    before = looked_up("yes"), looked_up("no")
    ask(engine, now, Judge(), ADD, SUB)
    ask(engine, now, Judge(), ADD, ADD)
    assert (looked_up("yes") - before[0], looked_up("no") - before[1]) == (2, 2)


def test_more_texts_than_a_statement_takes_parameters(engine: Engine, now: datetime) -> None:
    many = [replace(ADD, code=f"x = {n}") for n in range(1100)]
    ask(engine, now, Judge(limit=10_000), *many)
    judge = Judge(limit=10_000)
    assert len(ask(engine, now + timedelta(days=1), judge, *many)) == 1100
    assert judge.asked == []

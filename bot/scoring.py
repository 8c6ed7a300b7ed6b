"""Decide what a row asks a judge, and what it says with the answer. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.rows import Row, kind
from judge.diagrams import with_diagrams
from judge.past import past_of
from judge.types import Example, Judge, Verdict

BATCH = 64  # rows held at once; the judge makes its own, smaller batches of them
ANSWERS = ("p_correct", "logit", "model", "abstained", "reason")
NOTHING = Example(prompt="", code="")  # gives the abstention of this judge, with its base rate


def score(rows: Iterable[Row], judge: Judge, *, batch: int = BATCH) -> Iterator[Row]:
    """Each row in its place with `p_correct`, `logit`, `model` and `abstained`, `batch` at a time.

    An abstention also has a `reason`. A row that holds no text to judge is one.
    """
    remaining = iter(rows)
    while held := list(islice(remaining, batch)):
        yield from _answered(held, judge)


def example_of(row: Mapping[str, object]) -> Example | str:
    """What `row` asks, or one clause that says why it cannot be asked."""
    if "code" not in row:
        return "the row has no code"
    for field in ("code", "prompt", "diff"):
        value = row.get(field)
        if not isinstance(value, str) and (field == "code" or value is not None):
            return f"{field} is {kind(value)}, expected a text"
    return Example(
        prompt=with_diagrams(_text(row, "prompt")),
        code=_text(row, "code"),
        language=_text(row, "language"),
        diff=_text(row, "diff"),
        history=past_of(row.get("history")),
    )


def with_verdict(row: Row, verdict: Verdict) -> Row:
    """`row` with all its fields but those of an earlier verdict, and then this one's."""
    answer: Row = {
        "p_correct": verdict.p_correct,
        "logit": verdict.logit,
        "model": verdict.model,
        "abstained": verdict.abstained,
    }
    if verdict.abstained:
        answer["reason"] = verdict.reason
    kept = row if "abstained" not in row else _without_answers(row)
    return {**kept, **answer}


def _answered(rows: Sequence[Row], judge: Judge) -> Iterator[Row]:
    posed = [example_of(row) for row in rows]
    verdicts = judge.judge([NOTHING if isinstance(one, str) else one for one in posed])
    for row, one, verdict in zip(rows, posed, verdicts, strict=True):
        if isinstance(one, str):
            verdict = replace(verdict, abstained=True, reason=one)
        yield with_verdict(row, verdict)


def _without_answers(row: Row) -> Row:
    return {field: value for field, value in row.items() if field not in ANSWERS}


def _text(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    return value if isinstance(value, str) else ""

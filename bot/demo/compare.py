"""Decide which verdicts the tests confirm. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.demo.exhibit import Function
from worker.types import Judged


@dataclass(frozen=True, slots=True)
class HowItEnded:
    """How the tests of a function ended. `was_run` is False where the recorded end is given."""

    passed: bool
    detail: str
    was_run: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A function, what was said of it, and what its tests say.

    p_correct  None where it was not judged as a snippet of its own
    said       "likely wrong", "no objection", "abstained" or "not judged"
    agrees     None where nothing was said that tests could confirm
    """

    name: str
    path: str
    p_correct: float | None
    said: str
    tested: HowItEnded
    agrees: bool | None


def compare(
    functions: Sequence[Function],
    judged: Sequence[Judged],
    tested: Mapping[str, HowItEnded],
    *,
    threshold: float,
) -> tuple[Comparison, ...]:
    """One comparison per function, in order. `tested` is by function name."""
    verdicts = {(one.snippet.path, one.snippet.name): one.verdict for one in judged}
    rows = []
    for function in functions:
        verdict = verdicts.get((function.path, function.name))
        outcome = tested[function.name]
        if verdict is None:
            p_correct, said, agrees = None, "not judged", None
        elif verdict.abstained:
            p_correct, said, agrees = verdict.p_correct, "abstained", None
        else:
            p_correct, is_wrong = verdict.p_correct, verdict.p_correct < threshold
            said = "likely wrong" if is_wrong else "no objection"
            agrees = is_wrong is not outcome.passed
        rows.append(Comparison(function.name, function.path, p_correct, said, outcome, agrees))
    return tuple(rows)


def summary(rows: Sequence[Comparison]) -> str:
    """What the comparison shows, and what it does not, in a few sentences."""
    said = [row for row in rows if row.agrees is not None]
    confirmed = sum(row.agrees is True for row in said)
    wrong = sum(not row.tested.passed for row in rows)
    found = sum(row.said == "likely wrong" and not row.tested.passed for row in rows)
    text = (
        f"The tests say that {wrong} of {len(rows)} functions are wrong. "
        f"They confirm {confirmed} of {len(said)} verdicts; "
        f"{found} of the {wrong} wrong functions were called likely wrong."
    )
    silent = len(rows) - len(said)
    if silent:
        text += f" Nothing was said of {silent}."
    recorded = sum(not row.tested.was_run for row in rows)
    if recorded:
        text += f" The outcome of {recorded} is the recorded one."
    return text + (
        f" {len(rows)} functions show that everything works, not how good the judge is: "
        "for that, see its model card."
    )

"""Decide how a study is told, as Markdown. No I/O.

What was measured, what was published elsewhere and what was not measured stand in tables of their
own; a cell that was not measured holds a dash and never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.evaluate.intervals import RESAMPLES, Figure
from judge.evaluate.metrics import METRICS
from judge.study.config import Published
from judge.study.figures import OVERALL, Cost, Result

DASH = "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """A data set with the systems that judged all of it, and why the others did not.

    file, sha256  what the rows were read from
    results       system -> its figures, in the order of the configuration
    missing       system -> one clause that says why there are none
    picture       address of the curve's picture, or "" where there is none
    """

    title: str
    file: str
    sha256: str
    tasks: int
    candidates: int
    right: int
    sizes: Sequence[int]
    results: Mapping[str, Result]
    missing: Mapping[str, str]
    picture: str = ""


def report(
    data: Sequence[Measured],
    published: Sequence[Published],
    *,
    commit: str | None,
    machine: str,
    limit: int | None,
    resamples: int = RESAMPLES,
) -> str:
    """The whole page. Every text of the configuration comes out as text."""
    reduced = f", reduced to the first {limit} tasks of each data set" if limit else ""
    head = [
        "# The study, measured here",
        "",
        f"Written by `gavel study report`. Commit {commit or 'not known'}, on {_cell(machine)}"
        f"{reduced}. All systems judged the same candidates. Behind each figure stands its 95 % "
        f"interval, by bootstrap over tasks ({resamples} resamples), and then n.",
        "",
        "Accuracy and kappa are at P(correct) = 0.5. A system marked * states no probability: a "
        "logistic curve was fitted to its scores on other tasks of the same data set. An oracle "
        "looks at the labels; no system can be above it.",
    ]
    sections = [section for one in data for section in _section(one)]
    return "\n".join([*head, *sections, *_published(published)]) + "\n"


def _section(one: Measured) -> list[str]:
    about = (
        f"{one.candidates:,} candidates of {one.tasks:,} tasks, {one.right:,} of them right; from "
        f"{_cell(one.file)}, SHA-256 `{one.sha256[:16]}…`."
    )
    lines = ["", f"## {_cell(one.title)}", "", about]
    if one.results:
        lines += ["", *_overall(one.results), "", *_curve(one), "", *_costs(one.results)]
    if one.picture:
        lines += ["", f"![pass@1 by the number of candidates]({one.picture})"]
    return [*lines, *_missing(one.missing)]


def _overall(results: Mapping[str, Result]) -> list[str]:
    rows = [
        [
            _marked(name, one),
            *(_figure(one.figures[metric]) for metric in OVERALL),
            f"{one.abstained:,}",
        ]
        for name, one in results.items()
    ]
    return _table(["system", *(METRICS[name].title for name in OVERALL), "abstained"], rows)


def _curve(one: Measured) -> list[str]:
    rows = [
        [_cell(name), *(_figure(result.curve[size]) for size in one.sizes)]
        for name, result in one.results.items()
    ]
    return [
        "pass@1 after ranking N candidates: the share of tasks whose first candidate is right. A "
        "column holds the tasks with N candidates or more, so columns speak of different tasks.",
        "",
        *_table(["system", *(f"N = {size}" for size in one.sizes)], rows),
    ]


def _costs(results: Mapping[str, Result]) -> list[str]:
    rows = [[_cell(name), *_cost(one.cost)] for name, one in results.items()]
    return [
        "Cost of a thousand candidates. Loading a model is not in it. Untrained methods of one "
        "model read each candidate together, and each has the cost of that one reading. Tokens are "
        "those of the code for a judge, and those that the endpoint counted for a chat model.",
        "",
        *_table(["system", "seconds", "CPU-seconds", "tokens", "money"], rows),
    ]


def _cost(cost: Cost) -> list[str]:
    return [
        _number(cost.seconds, 2),
        _number(cost.cpu_seconds, 2),
        _number(cost.tokens, 0),
        _number(cost.money, 4),
    ]


def _missing(missing: Mapping[str, str]) -> list[str]:
    if not missing:
        return []
    rows = [[_cell(name), "not measured here", _cell(why)] for name, why in missing.items()]
    return ["", *_table(["system", "", "why"], rows)]


def _published(published: Sequence[Published]) -> list[str]:
    if not published:
        return []
    rows = [
        [_cell(text) for text in (one.system, one.data, one.metric, one.value, one.source)]
        for one in published
    ]
    return [
        "",
        "## Published by others, not measured here",
        "",
        "Other data, other candidates, other machines: these stand beside the tables above and "
        "cannot be compared with them cell by cell.",
        "",
        *_table(["system", "data", "figure", "value", "source"], rows),
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def _marked(name: str, one: Result) -> str:
    return _cell(name) if one.own else f"{_cell(name)} \\*"


def _figure(one: Figure) -> str:
    """Such as `0.712 (0.650 to 0.770), 80 tasks`."""
    if one.value is None:
        return f"{DASH} ({_cell(one.reason)})" if one.reason else DASH
    interval = DASH if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f}"
    return f"{one.value:.3f} ({interval}), {one.n:,} {one.unit}"


def _number(value: float | None, digits: int) -> str:
    return DASH if value is None else f"{value:,.{digits}f}"


def _cell(text: str) -> str:
    """`text` as text in a cell: no markup, no line of its own, no control characters."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return "".join(f"\\{one}" if one in "\\`*_{}[]<>|#!~" else one for one in shown)

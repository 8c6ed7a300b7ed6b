"""Decide how a study is told, as Markdown. No I/O.

What was measured, what was published elsewhere and what was not measured stand in tables of their
own; a cell that was not measured holds a dash and never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from judge.evaluate.intervals import RESAMPLES, Figure
from judge.evaluate.metrics import METRICS
from judge.study.config import Price, Published
from judge.study.figures import OVERALL, Cost, Result
from judge.study.front import QUALITIES, places

DASH = "–"
NOT_MEASURED = "not measured here"


@dataclass(frozen=True, slots=True)
class Measured:
    """A data set with the systems that judged all of it, and why the others did not.

    file, sha256  what the rows were read from
    in_file       tasks that were there to be judged, 0 where not known
    results       system -> its figures, in the order of the configuration
    missing       system -> one clause that says why there are none
    gains         (with, without) -> by how much the first is above the second
    picture       address of the curve's picture, or "" where there is none
    front         address of the picture of quality against processor time, or ""
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
    gains: Mapping[tuple[str, str], Mapping[str, Figure]] = field(default_factory=dict)
    picture: str = ""
    front: str = ""
    in_file: int = 0


def report(
    data: Sequence[Measured],
    published: Sequence[Published],
    *,
    commit: str | None,
    machine: str,
    limit: int | None,
    price: Price | None = None,
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
    sections = [section for one in data for section in _section(one, price)]
    return "\n".join([*head, *sections, *_published(published)]) + "\n"


def _section(one: Measured, price: Price | None) -> list[str]:
    part = f"the first {one.tasks:,} tasks of {one.in_file:,} " if one.in_file > one.tasks else ""
    about = (
        f"{one.candidates:,} candidates of {one.tasks:,} tasks, {one.right:,} of them right; "
        f"{part}from {_cell(one.file)}, SHA-256 `{one.sha256[:16]}…`."
    )
    lines = ["", f"## {_cell(one.title)}", "", about]
    if one.results:
        lines += ["", *_overall(one.results, one.missing), "", *_curve(one)]
    if one.picture:
        lines += ["", f"![pass@1 by the number of candidates]({one.picture})"]
    if one.results:
        lines += ["", *_costs(one.results, price), "", *_front(one.results)]
    if one.front:
        lines += ["", f"![quality against processor time]({one.front})"]
    lines += _gains(one.gains)
    return [*lines, *_missing(one.missing)]


def _overall(results: Mapping[str, Result], missing: Mapping[str, str]) -> list[str]:
    rows = [
        [
            _marked(name, one),
            *(_figure(one.figures[metric]) for metric in OVERALL),
            f"{one.abstained:,}",
        ]
        for name, one in results.items()
    ]
    rows += [[_cell(name), NOT_MEASURED, *([DASH] * len(OVERALL))] for name in missing]
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


def _costs(results: Mapping[str, Result], price: Price | None) -> list[str]:
    rows = [[_cell(name), *_cost(one.cost, price)] for name, one in results.items()]
    stated = (
        " Money is the endpoint's own price for a chat model, and for the others CPU-seconds at "
        f"the stated {price.core_hour:g} {_cell(price.currency)} for an hour of one core."
        if price
        else ""
    )
    return [
        "Cost of a thousand candidates. Loading a model is not in it. Methods of one entry read "
        "each candidate together, and each has the cost of that one reading. CPU-seconds hold the "
        "processes that run candidates. Tokens are those of the code for a judge, and those that "
        "the endpoint counted for a chat model. Peak memory is what Gavel's own process had "
        f"resident at most while the system answered, with libraries and mapped weights.{stated}",
        "",
        *_table(["system", "seconds", "CPU-seconds", "tokens", "peak MiB", "money"], rows),
    ]


def _cost(cost: Cost, price: Price | None) -> list[str]:
    money = cost.money
    if money is None and price is not None and cost.cpu_seconds is not None:
        money = price.of(cost.cpu_seconds)
    return [
        _number(cost.seconds, 2),
        _number(cost.cpu_seconds, 2),
        _number(cost.tokens, 0),
        _number(cost.memory_mib, 0),
        _number(money, 4),
    ]


def _front(results: Mapping[str, Result]) -> list[str]:
    """Where quality and processor time meet: what a person chooses between."""
    of = {quality: {one.name: one for one in places(results, quality)} for quality in QUALITIES}
    rows = [
        [
            _cell(one.name),
            _number(one.cpu_seconds, 2),
            *(
                cell
                for quality in QUALITIES
                for cell in (
                    _figure(results[one.name].figures[quality]),
                    "yes" if one.name in of[quality] and of[quality][one.name].on_front else "",
                )
            ),
        ]
        for one in places(results, QUALITIES[0])
    ]
    heads = [head for quality in QUALITIES for head in (METRICS[quality].title, "on the front")]
    return [
        "Quality against processor time (CPU-seconds for a thousand candidates). A system is on "
        "the front where no other is as good in less time, or better in no more.",
        "",
        *_table(["system", "CPU-seconds", *heads], rows),
    ]


def _gains(gains: Mapping[tuple[str, str], Mapping[str, Figure]]) -> list[str]:
    """What one thing brings, where all else is equal."""
    if not gains:
        return []
    names = list(dict.fromkeys(name for found in gains.values() for name in found))
    rows = [
        [_cell(one), _cell(other), *(_figure(found[name]) for name in names)]
        for (one, other), found in gains.items()
    ]
    return [
        "",
        "With and without the outcome of the tests as feedback (RankEF): the same model, the same "
        "rows. The difference is on the same resamples; its interval holds 0 where nothing is "
        "shown.",
        "",
        *_table(["with", "without", *(METRICS[name].title for name in names)], rows),
    ]


def _missing(missing: Mapping[str, str]) -> list[str]:
    if not missing:
        return []
    rows = [[_cell(name), NOT_MEASURED, _cell(why)] for name, why in missing.items()]
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

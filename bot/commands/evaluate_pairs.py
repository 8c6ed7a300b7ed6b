"""What `gavel evaluate --pairs` does: how often the fix is preferred to the bug. Acts: reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot import rows
from bot.problems import WrongUse
from bot.rows import Row

if TYPE_CHECKING:
    from rich.table import Table

    from judge.evaluate.intervals import Figure
    from judge.evaluate.pairs import Pair

# rows -> method -> the same rows with its verdicts, and the method that is measured
Score = Callable[[Sequence[Row]], tuple[Mapping[str, Sequence[Row]], str]]


def find(labelled: Sequence[Row], originals: Sequence[str], most: int) -> list[Pair]:
    """At most `most` pairs of `labelled` and of the files `originals`. Raises WrongUse."""
    from judge.evaluate.pairs import chosen, pairs_of

    held = [row for source in originals for row in rows.read(source)]
    found = chosen(pairs_of(labelled, held), most)
    if not found:
        raise WrongUse(
            "there are no pairs: give fixes of `gavel data changes`, or mutants of "
            "`gavel data mutate` with --originals, the file that they were made from"
        )
    return found


def measure(
    found: Sequence[Pair], score: Score
) -> tuple[dict[str, dict[str, Figure]], Sequence[Row]]:
    """Signal -> its accuracies on the pairs, the judge first; and the rows as the judge scored."""
    import numpy as np

    from judge.evaluate.pairs import accuracies, preferred

    flat = [dict(row) for pair in found for row in (pair.wrong, pair.right)]
    scored, measured = score(flat)
    told = {}
    for method in (measured, *(one for one in scored if one != measured)):
        logits = np.array([float(str(row["logit"])) for row in scored[method]])
        name = "judge" if method == measured else f"untrained_{method}"
        told[name] = accuracies(found, preferred(logits[::2], logits[1::2]))
    lengths = np.array([-float(len(str(row["code"]))) for row in flat])
    told["length"] = accuracies(found, preferred(lengths[::2], lengths[1::2]))
    return told, scored[measured]


def report(told: Mapping[str, Mapping[str, Figure]], known: Row) -> Row:
    """The measured pairs as an object of JSON; docs/cli.md describes its shape."""
    from judge.evaluate.intervals import RESAMPLES, SEED
    from judge.evaluate.report import SCHEMA_VERSION, as_json

    return {
        "schema_version": SCHEMA_VERSION,
        **known,
        "intervals": {"level": 0.95, "by": "task", "resamples": RESAMPLES, "seed": SEED},
        "signals": {
            name: {figure: as_json(one) for figure, one in of.items()} for name, of in told.items()
        },
    }


def table(told: Mapping[str, Mapping[str, Figure]]) -> Table:
    """A line for each signal: its balanced accuracy with the interval, and its parts."""
    from rich.table import Table

    first = next(iter(told.values()))
    drawn = Table(title="Pairs in which the right one is preferred", title_justify="left")
    drawn.add_column("")
    for name, figure in first.items():
        drawn.add_column(f"{name}\n{figure.n:,} pairs", justify="right")
    for signal, figures in told.items():
        drawn.add_row(signal, *(_shown(one) for one in figures.values()))
    return drawn


def _shown(one: Figure) -> str:
    if one.value is None:
        return "–"
    around = "" if one.low is None or one.high is None else f"\n{one.low:.3f} to {one.high:.3f}"
    return f"{one.value:.3f}{around}"

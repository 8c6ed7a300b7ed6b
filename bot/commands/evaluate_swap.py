"""What `gavel evaluate --swap` does: how scores turn when changes are taken back. It decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from bot.commands.evaluate_pairs import Score
from bot.commands.evaluate_rows import evaluated
from bot.problems import WrongUse
from bot.rows import Row

if TYPE_CHECKING:
    from rich.table import Table

TITLES = {
    "auc": "AUC",
    "auc_turned": "AUC of the changes taken back, labels as they were",
    "auc_falls_by": "the difference",
    "falls_where_right": "scores of right changes that fall",
    "rises_where_wrong": "scores of wrong changes that rise",
    "calls_that_turn": "rows on the other side of the threshold",
}


def measure(labelled: Sequence[Row], score: Score, threshold: float) -> Row:
    """How the scores of the rows that can be taken back turn, as JSON. Raises WrongUse."""
    from dataclasses import replace

    import numpy as np

    from judge.evaluate.report import SCHEMA_VERSION, as_json
    from judge.evaluate.swapped import turned, turning

    both = [(row, other) for row in labelled if (other := turned(row)) is not None]
    if not both:
        raise WrongUse("no row has a diff of code that was there before: there is nothing to swap")
    scored, measured = score([*(row for row, _ in both), *(other for _, other in both)])
    # Ranked as one sample, so that places before and after can be compared.
    whole = evaluated(scored[measured], {}, threshold).judged()
    rows = np.arange(len(both))
    given = whole.take(rows)
    after = replace(whole.take(rows + len(both)), tasks=given.tasks, task_count=given.task_count)
    return {
        "schema_version": SCHEMA_VERSION,
        "n_rows": len(both),
        "n_left_out": len(labelled) - len(both),
        "threshold": threshold,
        "turning": {name: as_json(one) for name, one in turning(given, after).items()},
    }


def table(told: Row) -> Table:
    """The figures of `measure` for people."""
    from rich.table import Table

    drawn = Table(title="Added and removed lines swapped", title_justify="left")
    for heading in ("", "", "95 %", "n"):
        drawn.add_column(heading, justify="right" if heading else "left")
    figures = cast(dict[str, dict[str, object]], told["turning"])
    for name, title in TITLES.items():
        one = figures[name]
        value, interval = one["value"], cast(list[float] | None, one["interval"])
        around = "–" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
        drawn.add_row(title, "–" if value is None else f"{value:.3f}", around, str(one["n"]))
    return drawn

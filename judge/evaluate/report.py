"""Decide how an evaluation is told, as JSON and as a table. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table
from rich.text import Text

from judge.evaluate.baselines import NAMES, NoBaseline, Texts, baseline, calibrated
from judge.evaluate.intervals import RESAMPLES, SEED, Figure, Measured, difference, measure
from judge.evaluate.metrics import METRICS
from judge.evaluate.sample import F64, I64, THRESHOLD, Sample, Told, sample

SCHEMA_VERSION = 1
DIGITS = 6
COMPARED = ("auc", "auc_within_task", "average_precision", "kappa", "gap_closed", "brier")
IN_GROUPS = ("accuracy", "kappa", "auc", "auc_within_task", "gap_closed", "ece")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """N labelled rows and what was said of them.

    languages, writers  (N,) "" where not known
    untrained           method -> (N,) logits of the model before any training
    """

    texts: Texts
    task_ids: Sequence[object]
    languages: Sequence[str]
    writers: Sequence[str]
    told: Told
    untrained: Mapping[str, F64]
    threshold: float = THRESHOLD
    comment_threshold: float = THRESHOLD

    def sample(self, told: Told, *, threshold: float, comment_threshold: float) -> Sample:
        """These rows with what `told` says of them."""
        return sample(
            told,
            self.texts.labels,
            tasks=self.task_ids,
            writers=self.writers,
            threshold=threshold,
            comment_threshold=comment_threshold,
        )

    def judged(self) -> Sample:
        """These rows with what the judge says of them."""
        return self.sample(
            self.told, threshold=self.threshold, comment_threshold=self.comment_threshold
        )


def report(
    rows: Evaluated, about: Mapping[str, object], *, resamples: int = RESAMPLES
) -> dict[str, object]:
    """The whole evaluation as an object of JSON; docs/cli.md describes its shape.

    about  what is known beside the rows: file, hash, model, commit
    """
    judged = rows.judged()
    measured = measure(judged, resamples=resamples)
    return {
        "schema_version": SCHEMA_VERSION,
        **about,
        "n_rows": len(judged),
        "n_tasks": judged.task_count,
        "n_right": int(judged.labels.sum()),
        "n_abstained": int(rows.told.abstained.sum()),
        "threshold": rows.threshold,
        "comment_threshold": rows.comment_threshold,
        "intervals": {"level": 0.95, "by": "task", "resamples": resamples, "seed": SEED},
        "metrics": _figures(measured),
        "baselines": _baselines(rows, measured, resamples),
        "by_language": _groups(judged, rows.languages, resamples),
        "by_writer": _groups(judged, rows.writers, resamples),
        "answered": _answered(judged, rows.told, resamples),
    }


def table(report: Mapping[str, object]) -> Table:
    """Every metric of a report with its interval, the baselines in the columns beside it."""
    baselines = report["baselines"]
    assert isinstance(baselines, dict)
    shown = {name: one["metrics"] for name, one in baselines.items() if "metrics" in one}
    drawn = Table(title="P(correct) against the labels", title_justify="left")
    drawn.add_column("")
    for heading in ("judge", "95 %", "n", *shown):
        drawn.add_column(heading, justify="right")
    metrics = report["metrics"]
    assert isinstance(metrics, dict)
    for name, metric in METRICS.items():
        one = metrics[name]
        beside = [_number(found[name]["value"]) for found in shown.values()]
        counted = f"{one['n']:,} {one['unit']}"
        drawn.add_row(metric.title, _number(one["value"]), _range(one), counted, *beside)
    return drawn


def groups_table(report: Mapping[str, object]) -> Table:
    """A few metrics for each language and each writer. Names are data: they come out as given."""
    drawn = Table(title="By language and writer", title_justify="left")
    for heading in ("", "rows", *IN_GROUPS):
        drawn.add_column(heading, justify="right" if heading else "left")
    for group in ("by_language", "by_writer"):
        found = report[group]
        assert isinstance(found, dict)
        for name, one in found.items():
            numbers = [_number(one["metrics"][metric]["value"]) for metric in IN_GROUPS]
            drawn.add_row(Text(name or "not known"), f"{one['n_rows']:,}", *numbers)
    return drawn


def _baselines(rows: Evaluated, judge: Measured, resamples: int) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, what in NAMES.items():
        told[name] = {"what": what, **_beside(rows, judge, name, None, resamples)}
    for method, logits in rows.untrained.items():
        what = f"the model before any training, method {method}"
        told[f"untrained_{method}"] = {
            "what": what,
            **_beside(rows, judge, method, logits, resamples),
        }
    return told


def _beside(
    rows: Evaluated, judge: Measured, name: str, logits: F64 | None, resamples: int
) -> dict[str, object]:
    try:
        told = baseline(name, rows.texts) if logits is None else calibrated(logits, rows.texts)
    except NoBaseline as why:
        return {"reason": str(why)}
    asked = rows.sample(told, threshold=THRESHOLD, comment_threshold=THRESHOLD)
    measured = measure(asked, resamples=resamples)
    return {
        "threshold": THRESHOLD,
        "metrics": _figures(measured),
        "judge_is_above_by": {
            metric: as_json(difference(judge, measured, metric)) for metric in COMPARED
        },
    }


def _groups(judged: Sample, names: Sequence[str], resamples: int) -> dict[str, object]:
    return {
        name: _part(judged, np.flatnonzero([one == name for one in names]), resamples)
        for name in sorted(set(names))
    }


def _answered(judged: Sample, told: Told, resamples: int) -> dict[str, object] | None:
    """The same without abstentions, where some rows are and some are not."""
    rows = np.flatnonzero(~told.abstained)
    return _part(judged, rows, resamples) if 0 < len(rows) < len(judged) else None


def _part(judged: Sample, rows: I64, resamples: int) -> dict[str, object]:
    part = judged.take(rows)
    return {
        "n_rows": len(part),
        "n_tasks": part.task_count,
        "n_right": int(part.labels.sum()),
        "metrics": _figures(measure(part, resamples=resamples)),
    }


def _figures(measured: Measured) -> dict[str, object]:
    return {name: as_json(one) for name, one in measured.figures.items()}


def as_json(one: Figure) -> dict[str, object]:
    """A figure as an object of JSON; `interval` and `value` may be null."""
    interval = None if one.low is None or one.high is None else [_short(one.low), _short(one.high)]
    told: dict[str, object] = {
        "value": None if one.value is None else _short(one.value),
        "interval": interval,
        "n": one.n,
        "unit": one.unit,
    }
    return {**told, "reason": one.reason} if one.reason else told


def _short(value: float) -> float:
    return round(value, DIGITS) + 0.0  # no negative zero


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _range(one: Mapping[str, list[float] | None]) -> str:
    interval = one["interval"]
    return "–" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"

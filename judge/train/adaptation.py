"""What adapting a judge to a folder's tasks brought, on tasks held out. Acts: model and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from judge.adapter import digest_of, folder_of, load
from judge.evaluate.intervals import Figure, Measured, difference, measure
from judge.evaluate.sample import Told, sample
from judge.head import F64
from judge.registry import lookup
from judge.train.data import DataRow
from judge.train.fitting import Trained
from judge.train.readings import opener, read_examples
from judge.types import Example


@dataclass(frozen=True, slots=True)
class Adaptation:
    """AUC of the judge that was in use and of the adapted one, on the same rows, and the gain."""

    tasks: int
    before: Figure
    after: Figure
    above: Figure


def before_and_after(
    held_out: Sequence[DataRow], trained: Trained, *, model: str, home: Path
) -> Adaptation:
    """The judge in use and the adapted one on `held_out`, as far as the rows could be read.

    The adapted one's logits are those that it was calibrated on: each comes from a head that never
    saw the row's task. Raises AdapterError, ModelMissing and OSError.
    """
    wanted = {row.id for row in held_out}
    pairs = [
        (row, logit)
        for row, logit in zip(trained.rows, trained.logits.tolist(), strict=True)
        if row.id in wanted
    ]
    rows = [row for row, _ in pairs]
    after = _measured(rows, np.array([logit for _, logit in pairs]))
    before = _measured(rows, logits_in_use(rows, model=model, home=home))
    return Adaptation(
        tasks=len({row.task_id for row in rows}),
        before=before.figures["auc"],
        after=after.figures["auc"],
        above=difference(after, before, "auc"),
    )


def logits_in_use(rows: Sequence[DataRow], *, model: str, home: Path) -> F64:
    """(N,) what the judge of `model` that is in use here says of `rows`, which can be read."""
    pinned = lookup(model)
    adapter = load(folder_of(model, home), model_sha256=pinned.sha256)
    head = adapter.head
    if head is None:
        return np.zeros(len(rows))
    readings = read_examples(
        [Example(row.prompt, row.code, row.language) for row in rows],
        open_backbone=opener(home, model, adapter.updates),
        model_sha256=pinned.sha256,
        layers=head.layers,
        cache=home / "readings",
        tuned=digest_of(adapter.updates),
    )
    return np.array([0.0 if one is None else head.logit(one) for one in readings])


def _measured(rows: Sequence[DataRow], logits: F64) -> Measured:
    p = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    asked = sample(
        Told.of_scores(p, logits),
        np.array([row.label for row in rows], dtype=np.int64),
        tasks=[row.task_id for row in rows],
        writers=[row.generator for row in rows],
    )
    return measure(asked, names=("auc",))

"""Turn labelled rows into an adapter: sample, read, fit, calibrate. Acts: runs the model.

`sample` decides and does no I/O.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as cache_once
from pathlib import Path

import numpy as np

from judge.adapter import Adapter, digest_of
from judge.calibrate import Calibration
from judge.calibrate import fit as fit_calibration
from judge.head import F64
from judge.model import Reading, open_backbone
from judge.registry import lookup, require
from judge.score import RAW
from judge.train.data import DataRow
from judge.train.head import (
    Recipe,
    Rows,
    fit,
    fit_apart,
    held_out_logits,
    out_of_fold_logits,
)
from judge.train.readings import read_examples
from judge.train.tasks import number_of
from judge.tuned import Updates
from judge.types import Example


@dataclass(frozen=True, slots=True)
class Trained:
    """An adapter, and the logits that it was calibrated on.

    rows    those that could be read, in the order of `logits`
    logits  (N,) each from a head that never saw the row's task
    """

    adapter: Adapter
    rows: tuple[DataRow, ...]
    logits: F64


def sample(rows: Sequence[DataRow], per_task: int) -> list[DataRow]:
    """At most `per_task` right and as many wrong rows of each task and language.

    The choice is by the rows' ids, which are hashes, and tasks come in the order of theirs: the
    same rows always give the same sample, and each beginning of it is a fair one.
    """
    taken: dict[tuple[str, str, int], int] = {}
    chosen = []
    for row in sorted(rows, key=lambda row: row.id):
        group = (row.task_id, row.language, row.label)
        if taken.get(group, 0) < per_task:
            taken[group] = taken.get(group, 0) + 1
            chosen.append(row)
    return sorted(chosen, key=lambda row: (_digest(row.task_id), row.prompt, row.id))


def train(
    files: Sequence[Sequence[DataRow]],
    *,
    held_out: Sequence[DataRow],
    updates: Updates | None,
    model: str,
    home: Path,
    cache: Path,
    recipe: Recipe,
    progress: Callable[[int], None] = lambda done: None,
) -> Trained:
    """The adapter of `model` for `files` of rows; each is cached apart.

    held_out  rows of other tasks, to weigh the signals and to calibrate on; where there are none,
              `files` serve, by folds of tasks
    updates   what `judge.train.tuning` learnt from `files`; needs rows held out

    Raises ModelMissing, UnknownModel, and ValueError where the rows are too few, of one class, or
    held out and trained on.
    """
    shared = {number_of(row.task_id) for part in files for row in part} & {
        number_of(row.task_id) for row in held_out
    }
    if shared:
        raise ValueError(f"task {min(shared)} is both trained on and held out: split by task")
    pinned = lookup(model)

    def read(part: Sequence[DataRow], tuned: Updates | None) -> list[tuple[DataRow, Reading]]:
        opened = cache_once(lambda: open_backbone(require(home, model), updates=tuned))
        found = read_examples(
            [Example(row.prompt, row.code, row.language) for row in part],
            open_backbone=opened,
            model_sha256=pinned.sha256,
            layers=recipe.layers,
            cache=cache,
            tuned=digest_of(tuned) if tuned else "",
            progress=progress,
        )
        return [(row, one) for row, one in zip(part, found, strict=True) if one is not None]

    trained = [pair for part in files for pair in read(part, None)]
    weighed = read(held_out, updates)
    data = _rows(trained)
    if weighed:
        head = fit_apart(data, _rows(weighed), recipe)
        logits = held_out_logits(head, _rows(weighed), recipe)
    else:
        head, logits = fit(data, recipe), out_of_fold_logits(data, recipe)
    measured = weighed or trained
    return Trained(
        adapter=Adapter(
            model=model,
            model_sha256=pinned.sha256,
            head=head,
            calibrations=_calibrations(_rows(measured), logits),
            languages=frozenset(row.language for row, _ in measured),
            data_sha256=data_hash([row for row, _ in (*trained, *weighed)]),
            updates=updates,
        ),
        rows=tuple(row for row, _ in measured),
        logits=logits,
    )


def _rows(pairs: Sequence[tuple[DataRow, Reading]]) -> Rows:
    return Rows(
        [reading for _, reading in pairs],
        np.array([row.label for row, _ in pairs], dtype=np.int64),
        [number_of(row.task_id) for row, _ in pairs],
    )


def data_hash(rows: Sequence[DataRow]) -> str:
    """SHA-256 over the ids and labels of the rows, in their order."""
    told = "".join(f"{row.id} {row.label}\n" for row in rows)
    return hashlib.sha256(told.encode()).hexdigest()


def _calibrations(data: Rows, logits: F64) -> Mapping[str, Calibration]:
    """The head's calibration, and that of each untrained method that knows anything."""
    scores = {"head": logits}
    for method, logit in RAW.items():
        scores[method] = np.array([logit(reading) for reading in data.readings])
    found: dict[str, Calibration] = {}
    for method, values in scores.items():
        try:
            found[method] = fit_calibration(values, data.labels)
        except ValueError:
            if method == "head":
                raise
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Turn labelled rows into an adapter: sample, read, fit, calibrate. Acts: runs the model.

`sample` decides and does no I/O.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache as cache_once
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from judge.adapter import Adapter, digest_of
from judge.calibrate import Calibration
from judge.calibrate import fit as fit_calibration
from judge.head import F64, Linear
from judge.model import Backbone, Reading
from judge.registry import lookup
from judge.score import RAW
from judge.train.data import DataRow
from judge.train.features import features_of
from judge.train.groups import Grouping, groups_of
from judge.train.head import (
    I64,
    Recipe,
    Rows,
    even_weights,
    fair_weights,
    fit,
    held_out_logits,
    regression,
)
from judge.train.readings import opener, read_examples
from judge.train.tasks import number_of
from judge.tuned import Tuned, Updates, tune
from judge.types import Example

OF_EACH = 50  # right rows, and wrong ones, that a language needs for a calibration of its own


@dataclass(frozen=True, slots=True)
class Learnt:
    """The first regression of a head, and the updates of the layers that it reads, if any."""

    readout: Linear
    updates: Updates | None = None


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
    """At most `per_task` rows of each task and language, right and wrong as they come.

    The choice is by the rows' ids, which are hashes, and tasks come in the order of theirs: the
    same rows always give the same sample, and each beginning of it is a fair one.
    """
    taken: Counter[tuple[str, str]] = Counter()
    chosen = []
    for row in sorted(rows, key=lambda row: row.id):
        if taken[row.task_id, row.language] < per_task:
            taken[row.task_id, row.language] += 1
            chosen.append(row)
    return sorted(chosen, key=lambda row: (_digest(row.task_id), row.prompt, row.id))


def train(
    parts: Sequence[Sequence[DataRow]],
    *,
    held_out: Sequence[Sequence[DataRow]],
    model: str,
    home: Path,
    recipe: Recipe,
    grouping: Grouping,
    weigh: Callable[[Sequence[str], I64], F64] = fair_weights,
    readout: Linear | None = None,
    tune_from: Callable[[Backbone, Linear], Learnt] | None = None,
    tuned_on: Sequence[DataRow] = (),
    started: Callable[[int], None] = lambda rows: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Trained:
    """The adapter of `model` for the rows of `parts`; what the model computes is kept under `home`.

    parts      the rows of each file; those of one file and task are read together
    held_out   the same of other tasks, to weigh the signals and to calibrate on
    weigh      how much each training row counts, by its writer and its label
    readout    the first regression; None fits it on the states of the rows as they are
    tune_from  tunes the upper layers from the first regression; None: no tuning
    tuned_on   rows that `tune_from` learns from beside those of `parts`
    started    called once with the number of rows that will be read

    Raises ModelMissing, UnknownModel, OSError, and ValueError where the rows are too few, of one
    class, or held out and trained on.
    """
    rows = [*(row for part in parts for row in part), *tuned_on]
    weighing = [row for part in held_out for row in part]
    shared = {number_of(row.task_id) for row in rows} & {number_of(row.task_id) for row in weighing}
    if shared:
        raise ValueError(f"task {min(shared)} is both trained on and held out: split by task")
    pinned = lookup(model)
    plain = opener(home, model)
    groups = []
    if readout is None:
        groups = [one for part in parts for one in groups_of(part, plain().tokenizer, grouping)]
    started(sum(len(group.labels) for group in groups) + len(weighing))
    if readout is None:
        features = features_of(
            groups,
            backbone=plain,
            model_sha256=pinned.sha256,
            layers=recipe.layers,
            cache=home / "features",
            progress=progress,
        )
        fair = weigh(features.writers, features.labels)
        readout = regression(features.inputs, features.labels, recipe.states_strength, fair)
    learnt = tune_from(plain(), readout) if tune_from else Learnt(readout)
    updates = learnt.updates
    tuned = cache_once(lambda: replace(plain(), tuned=_tuned(plain(), updates)))
    found = [
        reading
        for part in held_out
        for reading in read_examples(
            [Example(row.prompt, row.code, row.language) for row in part],
            open_backbone=tuned,
            model_sha256=pinned.sha256,
            layers=recipe.layers,
            cache=home / "readings",
            tuned=digest_of(updates),
            progress=progress,
        )
    ]
    known = [(row, one) for row, one in zip(weighing, found, strict=True) if one is not None]
    weighed = _rows(known)
    head = fit(learnt.readout, weighed, recipe)
    logits = held_out_logits(head, weighed, recipe)
    return Trained(
        adapter=Adapter(
            model=model,
            model_sha256=pinned.sha256,
            head=head,
            calibrations=calibrations_of(weighed, [row.language for row, _ in known], logits),
            languages=frozenset(row.language for row, _ in known),
            data_sha256=data_hash([*rows, *weighing]),
            updates=updates,
        ),
        rows=tuple(row for row, _ in known),
        logits=logits,
    )


def _tuned(backbone: Backbone, updates: Updates | None) -> Tuned | None:
    return tune(backbone.network, updates) if updates else None


def _rows(pairs: Sequence[tuple[DataRow, Reading]]) -> Rows:
    return Rows(
        [reading for _, reading in pairs],
        np.array([row.label for row, _ in pairs], dtype=np.int64),
        [number_of(row.task_id) for row, _ in pairs],
        [row.generator for row, _ in pairs],
    )


def data_hash(rows: Sequence[DataRow]) -> str:
    """SHA-256 over the ids and labels of the rows, in their order."""
    told = "".join(f"{row.id} {row.label}\n" for row in rows)
    return hashlib.sha256(told.encode()).hexdigest()


def calibrations_of(data: Rows, languages: Sequence[str], logits: F64) -> Mapping[str, Calibration]:
    """The calibration of the head and of each untrained method that knows anything.

    languages  (N,) of the rows; one that has rows enough gets a calibration of its own
    """
    scores = {"head": logits}
    for method, logit in RAW.items():
        scores[method] = np.array([logit(reading) for reading in data.readings])
    lengths = np.array([len(reading.log_probs) for reading in data.readings])
    of = np.array(languages)
    parts = {"": np.ones(len(data), dtype=bool)}
    parts |= {f"/{one}": of == one for one in sorted(set(languages)) if _enough(data, of == one)}
    found: dict[str, Calibration] = {}
    for method, values in scores.items():
        for suffix, part in parts.items():
            even = even_weights([w for w, taken in zip(data.writers, part, strict=True) if taken])
            try:
                found[method + suffix] = fit_calibration(
                    values[part],
                    data.labels[part],
                    weights=even,
                    shortest=int(lengths[part].min()),
                )
            except ValueError:
                if method + suffix == "head":
                    raise
    return found


def _enough(data: Rows, part: NDArray[np.bool_]) -> bool:
    right = int(data.labels[part].sum())
    return min(right, int(part.sum()) - right) >= OF_EACH


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

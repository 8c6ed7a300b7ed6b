"""Fit the head for changes on mined rows, repository by repository. Acts: runs the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from judge.adapter import Adapter, digest_of
from judge.calibrate import Calibration
from judge.calibrate import fit as fit_calibration
from judge.change_head import CHANGE_SIGNALS, ChangeHead, change_inputs, known
from judge.evaluate.baselines import NoBaseline, Texts, added_lines, baseline
from judge.evaluate.folds import folds
from judge.evaluate.intervals import Figure, measure
from judge.evaluate.sample import Told, sample
from judge.head import F64
from judge.model import Backbone, Reading
from judge.past import PAST_SIGNALS, past_of
from judge.registry import lookup
from judge.score import CHANGES
from judge.train.forbidden import must_be_allowed
from judge.train.head import I64, regression
from judge.train.readings import read_examples
from judge.train.tasks import BadRow, numbered_rows, text
from judge.types import Example

MARGIN = 0.05  # of AUC over the best baseline, for verdicts on changes to be acted on
STRENGTH = 0.01  # inverse of the L2 penalty: a dozen weights on measures that go together

FLAT = 1e-9  # a slope that says nothing
UNREAD = Reading(np.zeros((1, 1), np.float32), np.zeros(1, np.float32))  # where no model was asked


def read_changes(path: Path, *, with_history: bool = True) -> list[tuple[Example, int, str]]:
    """Each row of a file of `gavel data changes` that has a diff: example, label, repository.

    Raises BadRow, ForbiddenRow and OSError.
    """
    found = []
    for number, row in numbered_rows(path):
        where = f"{path.name}:{number}"
        must_be_allowed(row, where)
        if not row.get("diff"):
            continue
        label = row.get("label")
        if label not in (0, 1) or isinstance(label, bool):
            raise BadRow(f"{where}: {row.get('id')}: label: expected 0 or 1, got {label!r:.40}")
        prompt, code, language, diff = (
            text(row, name, where) for name in ("prompt", "code", "language", "diff")
        )
        past = past_of(row.get("history")) if with_history else ()
        example = Example(prompt, code, language, diff, past)
        found.append((example, int(label == 1), text(row, "source", where)))
    return found


@dataclass(frozen=True, slots=True)
class Changed:
    """An adapter with its new head for changes.

    auc                 the head's, out of repository, as "judge", and that of each baseline, with
                        95 % intervals by bootstrap over repositories
    rows, repositories  how many it was fitted on
    """

    adapter: Adapter
    auc: Mapping[str, Figure]
    rows: int
    repositories: int


def with_changes(
    adapter: Adapter,
    rows: Sequence[tuple[Example, int, str]],
    *,
    backbone: Callable[[], Backbone],
    cache: Path,
    folds_of: int = 5,
    progress: Callable[[int], None] = lambda rows: None,
) -> Changed:
    """`adapter` with a head for changes fitted on `rows`, and what that head is worth.

    backbone  opens the model, with the adapter's updates
    cache     folder of the readings

    What it is worth is measured by heads that never saw the row's repository. Its verdicts are to
    be acted on only where it is MARGIN above the best of all else. Raises ValueError where there
    are fewer than `folds_of` repositories, a class is missing, or the adapter has no head.
    """
    head = adapter.head
    if head is None:
        raise ValueError("a head for changes needs a head for functions")
    found = read_examples(
        [example for example, _, _ in rows],
        open_backbone=backbone,
        model_sha256=lookup(adapter.model).sha256,
        layers=head.layers,
        cache=cache,
        tuned=digest_of(adapter.updates),
        progress=progress,
    )
    read = [(row, one) for row, one in zip(rows, found, strict=True) if one is not None]
    examples = [example for (example, _, _), _ in read]
    readings = [one for _, one in read]
    inputs = imputed(
        np.array([change_inputs(example, one, head.logit(one)) for (example, _, _), one in read])
    )
    labels = np.array([label for (_, label, _), _ in read], dtype=np.int64)
    repositories = [repository for (_, _, repository), _ in read]
    logits = out_of_repository_logits(inputs, labels, repositories, folds_of)
    calibration = _calibration(logits, labels, min(len(one.log_probs) for one in readings))
    told = aucs(examples, readings, labels, repositories, logits, inputs[:, 0])
    values = {name: one.value or 0.0 for name, one in told.items()}
    is_better = values.pop("judge") - max(values.values()) >= MARGIN
    languages = frozenset(one.language for one in examples) if is_better else frozenset()
    fitted = replace(
        adapter,
        changes=ChangeHead(regression(inputs, labels, STRENGTH), languages),
        calibrations={**adapter.calibrations, CHANGES: calibration},
    )
    return Changed(fitted, told, len(examples), len(set(repositories)))


def _calibration(logits: F64, labels: I64, shortest: int) -> Calibration:
    """The calibration; where the logits tell nothing, one that says the base rate of everything."""
    try:
        return fit_calibration(logits, labels, shortest=shortest)
    except ValueError:
        base = float(labels.mean())
        return Calibration(FLAT, math.log(base / (1 - base)), base, len(labels), shortest=shortest)


def imputed(inputs: F64) -> F64:
    """`inputs` (N, F), with the mean of what is known of a column where one is NaN; else 0."""
    counts = (~np.isnan(inputs)).sum(axis=0)
    means = np.nansum(inputs, axis=0) / np.maximum(1, counts)
    return known(inputs, means)


def aucs(
    examples: Sequence[Example],
    readings: Sequence[Reading],
    labels: I64,
    repositories: Sequence[str],
    logits: F64,
    function_logits: F64,
) -> dict[str, Figure]:
    """AUC of the head, "judge", and of everything that it has to be better than."""
    texts = Texts(
        code=[one.code for one in examples],
        diffs=[one.diff for one in examples],
        labels=labels,
        tasks=repositories,
    )
    scores = {
        "judge": logits,
        "function": function_logits,
        "length": np.array([-float(len(one.code)) for one in examples]),
        "added_lines": np.array([-float(added_lines(one.diff)) for one in examples]),
        "untrained_logprob": np.array([float(one.log_probs.mean()) for one in readings]),
        "untrained_yesno": np.array([one.yes_minus_no for one in readings]),
    }
    with suppress(NoBaseline):
        scores["ngrams"] = baseline("ngrams", texts).score
    return {name: _auc(labels, score, repositories) for name, score in scores.items()}


def _auc(labels: I64, score: F64, repositories: Sequence[str]) -> Figure:
    told = Told.of_scores(np.full(len(score), 0.5), score)
    asked = sample(told, labels, tasks=repositories, writers=[""] * len(score))
    return measure(asked, names=("auc",)).figures["auc"]


def diff_aucs(rows: Sequence[tuple[Example, int, str]], folds_of: int = 5) -> dict[str, Figure]:
    """What the diff tells, what the history does, and what both do, without any model.

    Each by heads that never saw the row's repository, beside shorter code and fewer added lines.
    Raises ValueError where there are fewer than `folds_of` repositories or a class is missing.
    """
    examples = [example for example, _, _ in rows]
    labels = np.array([label for _, label, _ in rows], dtype=np.int64)
    repositories = [repository for _, _, repository in rows]
    inputs = imputed(np.array([change_inputs(one, UNREAD, 0.0) for one in examples]))
    first, past = CHANGE_SIGNALS.index("log_added"), CHANGE_SIGNALS.index(PAST_SIGNALS[0])
    parts = {"diff": (first, past), "history": (past, None), "both": (first, None)}
    scores = {
        name: out_of_repository_logits(inputs[:, start:end], labels, repositories, folds_of)
        for name, (start, end) in parts.items()
    }
    scores["length"] = np.array([-float(len(one.code)) for one in examples])
    scores["added_lines"] = np.array([-float(added_lines(one.diff)) for one in examples])
    return {name: _auc(labels, score, repositories) for name, score in scores.items()}


def out_of_repository_logits(
    inputs: F64, labels: I64, repositories: Sequence[str], count: int
) -> F64:
    """(N,) logits, each from a regression that never saw the row's repository."""
    logits = np.zeros(len(labels))
    for train, test in folds(repositories, count):
        logits[test] = regression(inputs[train], labels[train], STRENGTH).logits(inputs[test])
    return logits

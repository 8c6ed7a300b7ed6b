"""Fit the head for changes on mined rows, repository by repository. Acts: runs the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from judge.adapter import Adapter
from judge.calibrate import fit as fit_calibration
from judge.change_head import ChangeHead, change_inputs, shape_of
from judge.head import F64
from judge.model import Backbone
from judge.registry import lookup
from judge.score import CHANGES
from judge.train.head import I64, folds, regression
from judge.train.readings import read_examples
from judge.train.tasks import BadRow, read_rows, text
from judge.types import Example

MARGIN = 0.05  # of AUC over the best baseline, for verdicts on changes to be acted on
STRENGTH = 0.01  # inverse of the L2 penalty: a dozen weights on measures that go together


def read_changes(path: Path) -> list[tuple[Example, int, str]]:
    """Each row of a file of `gavel data changes` that has a diff: example, label, repository.

    Raises BadRow and OSError.
    """
    found = []
    for row in read_rows(path):
        if not row.get("diff"):
            continue
        label = row.get("label")
        if label not in (0, 1):
            raise BadRow(f"{path.name}: {row.get('id')}: label: expected 0 or 1, got {label!r}")
        fields = [text(row, name, path.name) for name in ("prompt", "code", "language", "diff")]
        found.append((Example(*fields), int(label), text(row, "source", path.name)))
    return found


def with_changes(
    adapter: Adapter,
    rows: Sequence[tuple[Example, int, str]],
    *,
    backbone: Callable[[], Backbone],
    cache: Path,
    folds_of: int = 5,
    progress: Callable[[int], None] = lambda rows: None,
) -> tuple[Adapter, F64]:
    """`adapter` with a head for changes fitted on `rows`, and the logits it was calibrated on.

    backbone  opens the model; an adapter with updates of the upper layers is not served for yet
    cache     folder of the readings

    Each logit comes from a head that never saw the row's repository. Raises ValueError where there
    are fewer than `folds_of` repositories, a class is missing, or the adapter has no head.
    """
    head = adapter.head
    if head is None or adapter.updates is not None:
        raise ValueError("a head for changes needs a head for functions without tuned layers")
    found = read_examples(
        [example for example, _, _ in rows],
        open_backbone=backbone,
        model_sha256=lookup(adapter.model).sha256,
        layers=head.layers,
        cache=cache,
        progress=progress,
    )
    known = [(row, one) for row, one in zip(rows, found, strict=True) if one is not None]
    inputs = np.array(
        [change_inputs(example, one, head.logit(one)) for (example, _, _), one in known]
    )
    labels = np.array([label for (_, label, _), _ in known], dtype=np.int64)
    repositories = [repository for (_, _, repository), _ in known]
    logits = out_of_repository_logits(inputs, labels, repositories, folds_of)
    calibration = fit_calibration(
        logits, labels, shortest=min(len(one.log_probs) for _, one in known)
    )
    examples = [example for (example, _, _), _ in known]
    is_better = margin(examples, labels, logits) >= MARGIN
    languages = frozenset(one.language for one in examples) if is_better else frozenset()
    fitted = replace(
        adapter,
        changes=ChangeHead(regression(inputs, labels, STRENGTH), languages),
        calibrations={**adapter.calibrations, CHANGES: calibration},
    )
    return fitted, logits


def margin(examples: Sequence[Example], labels: I64, logits: F64) -> float:
    """AUC of `logits` above the better of two baselines: shorter code, fewer added lines."""
    from sklearn.metrics import roc_auc_score

    length = [-float(len(one.code)) for one in examples]
    added = [-float(len(shape_of(one.diff).added)) for one in examples]
    best = max(roc_auc_score(labels, baseline) for baseline in (length, added))
    return float(roc_auc_score(labels, logits) - best)


def out_of_repository_logits(
    inputs: F64, labels: I64, repositories: Sequence[str], count: int
) -> F64:
    """(N,) logits, each from a regression that never saw the row's repository."""
    logits = np.zeros(len(labels))
    for train, test in folds(repositories, count):
        logits[test] = regression(inputs[train], labels[train], STRENGTH).logits(inputs[test])
    return logits

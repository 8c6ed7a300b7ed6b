"""What execution feedback brings (RankEF): one network with it and without, on tasks never seen.

    .venv/bin/python bench/rankef.py ROWS.jsonl.gz [ROWS.jsonl.gz ...] --json FILE

The rows need their `outcome`, as `gavel data rows` writes it. States of the default model are
computed once and kept under GAVEL_HOME, where `gavel train` finds them too; then this takes
minutes. Each row is judged by networks that were fitted on other tasks, in five folds, and the
intervals are by bootstrap over tasks, of the difference on the same resamples.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer

from bot.commands.evaluate import commit
from bot.commands.wiring import worker_settings
from judge.evaluate.folds import folds
from judge.evaluate.intervals import Figure, Measured, difference, measure
from judge.evaluate.sample import Told, sample
from judge.registry import DEFAULT_MODEL, lookup, require
from judge.study.reader import open_decoder
from judge.study.trained import WEIGHTS, rows_of
from judge.study.trained_entry import TrainedEntry
from judge.train.features import Features, features_of
from judge.train.groups import Grouping, groups_of
from judge.train.head import I64
from judge.train.rankef import KINDS, NO_KIND
from judge.train.rankef_features import Fitting, fit
from judge.train.rankef_rows import kinds_of

FOLDS = 5
METRICS = ("auc", "top1", "mrr")
LAYERS = (16, 20)


def main() -> None:
    """Fit, judge what was not fitted on, and tell the difference."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("rows", nargs="+", help="labelled rows with their outcome")
    told.add_argument("--json", type=Path, help="where the figures go")
    told.add_argument("--seeds", type=int, default=Fitting().seeds)
    asked = told.parse_args()
    features, kinds, tasks = read(tuple(asked.rows))
    measured = {}
    right = {}
    for name, weights in WEIGHTS.items():
        logits, guessed = np.zeros(len(kinds)), np.zeros(len(kinds), dtype=np.int64)
        for number, (train, test) in enumerate(folds(features.tasks, FOLDS), start=1):
            fitted = fit(
                features.inputs[train],
                features.labels[train],
                kinds[train],
                weights=weights,
                fitting=Fitting(seeds=asked.seeds),
            )
            logits[test] = fitted.logits(features.inputs[test])
            guessed[test] = fitted.kinds(features.inputs[test])
            sys.stderr.write(f"{name}: fold {number} of {FOLDS}\n")
        measured[name] = figures(features, tasks, logits)
        known = kinds != NO_KIND
        right[name] = float((guessed[known] == kinds[known]).mean())
    commonest = float(np.bincount(kinds[kinds != NO_KIND]).max() / (kinds != NO_KIND).sum())
    report = {
        "commit": commit(),
        "rows": len(kinds),
        "tasks": len(set(tasks)),
        "seeds": asked.seeds,
        "figures": {name: shown(one.figures) for name, one in measured.items()},
        "rankef_minus_plain": shown(
            {one: difference(measured["rankef"], measured["plain"], one) for one in METRICS}
        ),
        "kind_accuracy": {"rankef": right["rankef"], "commonest": commonest, "of": len(KINDS)},
    }
    text = json.dumps(report, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")


def read(files: tuple[str, ...]) -> tuple[Features, I64, list[tuple[str, str]]]:
    """States and kinds of the rows in `files`, and which rows are ranked together."""
    home = worker_settings().home.expanduser()
    folder = require(home, DEFAULT_MODEL)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    rows = rows_of(TrainedEntry("rankef", DEFAULT_MODEL, files))
    groups = groups_of(rows, tokenizer, Grouping())
    features = features_of(
        groups,
        backbone=lambda: open_decoder(folder),
        model_sha256=lookup(DEFAULT_MODEL).sha256,
        layers=LAYERS,
        cache=home / "features",
    )
    tasks = [(group.task, group.language) for group in groups for _ in group.labels]
    return features, kinds_of(groups, rows, tokenizer), tasks


def figures(features: Features, tasks: list[tuple[str, str]], logits: np.ndarray) -> Measured:
    """Of logits that come from networks which never saw the row's task."""
    told = Told.of_scores(np.full(len(logits), 0.5), logits)
    asked = sample(
        told,
        features.labels,
        tasks=tasks,
        writers=[None] * len(logits),
    )
    return measure(asked, names=METRICS)


def shown(found: Mapping[str, Figure]) -> dict[str, dict[str, object]]:
    """Each figure as plain values."""
    return {name: asdict(one) for name, one in found.items()}


if __name__ == "__main__":
    main()

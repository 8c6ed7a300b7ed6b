"""Decide how well character n-grams tell right rows from their mutants. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from judge.evaluate.baselines import NoBaseline, Texts, baseline
from judge.train.data import DataRow
from judge.train.tasks import number_of

LIMIT = 0.55  # a mutation that is told without understanding the code teaches nothing
MAX_TASKS = 200  # more make the figure no truer and take minutes


def ngram_auc(
    originals: Sequence[DataRow], mutants: Sequence[Mapping[str, object]]
) -> float | None:
    """AUC of originals against mutants by n-grams fitted on other tasks; None with too few.

    Half is a coin. Every row of a task, in any language, is in the same fold.
    """
    from sklearn.metrics import roc_auc_score

    chosen = set(sorted({number_of(row.task_id) for row in originals}, key=_shuffled)[:MAX_TASKS])
    originals = [row for row in originals if number_of(row.task_id) in chosen]
    mutants = [row for row in mutants if number_of(str(row["task_id"])) in chosen]
    labels = np.array([1] * len(originals) + [0] * len(mutants), dtype=np.int64)
    texts = Texts(
        code=[*(row.code for row in originals), *(str(row["code"]) for row in mutants)],
        diffs=[""] * len(labels),
        labels=labels,
        tasks=[
            *(number_of(row.task_id) for row in originals),
            *(number_of(str(row["task_id"])) for row in mutants),
        ],
    )
    try:
        told = baseline("ngrams", texts)
    except (NoBaseline, ValueError):
        return None
    return round(float(roc_auc_score(labels, told.score)), 4)


def _shuffled(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()

"""Draw how a tuning went from its log: loss and AUC by rows seen. Acts: reads and writes files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WINDOW = 1000  # rows that one point of the curve stands for


def draw(log: Path, picture: Path, *, window: int = WINDOW) -> None:
    """The picture of `log`, which `judge.train.loop` wrote. Raises OSError, ValueError.

    Logits are those before the step that learns from them: in the first epoch the curve is that
    of rows never seen.
    """
    from matplotlib.figure import Figure

    steps = [json.loads(line) for line in log.read_text().splitlines()]
    points = [point(part) for part in windows(steps, window)]
    rows = [sum(len(step["labels"]) for step in part) for part in windows(steps, window)]
    seen = [sum(rows[: place + 1]) for place in range(len(rows))]
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    left.plot(seen, [one["loss"] for one in points], color="#b35806", label="loss")
    left.set(xlabel="rows seen", ylabel="loss")
    right = left.twinx()
    right.plot(seen, [one["auc"] for one in points], color="#2166ac", label="AUC")
    right.plot(seen, [one["within"] for one in points], "--", color="#2166ac", label="within task")
    right.set(ylabel="AUC")
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    figure.savefig(picture, dpi=120)


def windows(steps: Sequence[Mapping[str, Any]], window: int) -> list[Sequence[Mapping[str, Any]]]:
    """`steps` in parts of at least `window` rows each; the last part may hold fewer."""
    parts: list[list[Mapping[str, Any]]] = [[]]
    count = 0
    for step in steps:
        if count >= window:
            parts.append([])
            count = 0
        parts[-1].append(step)
        count += len(step["labels"])
    return [part for part in parts if part]


def point(steps: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Mean loss, AUC over all rows and mean AUC within groups; NaN where a class is missing."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    def auc(labels: Sequence[int], logits: Sequence[float]) -> float:
        both = 0 < sum(labels) < len(labels)
        return float(roc_auc_score(labels, logits)) if both else float("nan")

    labels = [label for step in steps for label in step["labels"]]
    logits = [logit for step in steps for logit in step["logits"]]
    within = [auc(step["labels"], step["logits"]) for step in steps]
    known = [one for one in within if one == one]
    return {
        "loss": float(np.mean([step["loss"] for step in steps])),
        "auc": auc(labels, logits),
        "within": float(np.mean(known)) if known else float("nan"),
    }

"""Decide how rows that people and history labelled join training, each with its own weight.

Acts on files only. `gavel feedback export` writes them: `weight` says by how much the labels of a
piece of code agree, 1 being one person who said so in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from judge.head import F64
from judge.train.data import DataRow, read_data
from judge.train.head import I64, fair_weights
from judge.train.tasks import BadRow, read_rows

LABEL_FROM = "feedback"
WRITER = "feedback"
MOST = 2.0  # weight of one row, however many people agree on it


def read_feedback(path: Path, *, factor: float = 1.0) -> list[DataRow]:
    """The rows of an export, whose writers carry their weights; see `weights`.

    factor  what a weight of 1 counts beside a row whose label comes from tests

    Raises BadRow where a row has another source or no weight, ForbiddenRow and OSError.
    """
    told = {str(row.get("id")): row.get("weight") for row in read_rows(path)}
    return [_weighed(row, told[row.id], factor, path) for row in read_data(path)]


def _weighed(row: DataRow, weight: object, factor: float, path: Path) -> DataRow:
    if row.label_from != LABEL_FROM:
        raise BadRow(
            f"{path.name}: {row.id}: label_from is {row.label_from!r}: "
            "expected what `gavel feedback export` writes"
        )
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not weight > 0:
        raise BadRow(f"{path.name}: {row.id}: weight: expected a number above 0, got {weight!r}")
    return replace(row, generator=f"{WRITER}:{min(float(weight), MOST) * factor:.3f}")


def weights(writers: Sequence[str], labels: I64) -> F64:
    """(N,) how much each row counts: as `fair_weights` says, times its own weight.

    All feedback counts as one writer, so that who was reviewed most says nothing of what is right.
    """
    told = [own(writer) for writer in writers]
    fair = fair_weights([name for name, _ in told], labels)
    return fair * [weight for _, weight in told]


def own(writer: str) -> tuple[str, float]:
    """Who wrote a row, and the weight that it has of its own.

    >>> own("feedback:0.700"), own("some-model")
    (('feedback', 0.7), ('some-model', 1.0))
    """
    name, _, weight = writer.partition(":")
    return (name, float(weight)) if name == WRITER and weight else (writer, 1.0)

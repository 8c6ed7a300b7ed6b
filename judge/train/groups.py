"""Arrange rows for training: all candidates of one task in one language together. Decides; no I/O.

Candidates of a task are shown under one of the task's prompts, chosen by a hash, so that the task
is read once for all of them and the pairwise loss compares answers to the same question.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from judge.encode import Encoded, Tokenizer, encode
from judge.train.data import DataRow
from judge.train.tasks import number_of
from judge.types import Example

MAX_TOKENS = 3000  # of a group: attention's cost grows with the square of it


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of one task, without the question; labels are 1 for correct and 0 for wrong.

    task     what rows of one task share, in every language
    writers  who wrote each candidate, as `DataRow.generator` says
    weights  how much each candidate counts; empty for 1 each
    """

    examples: tuple[Encoded, ...]
    labels: tuple[int, ...]
    language: str
    task: str
    writers: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        """A name for what is in it, the same in every run."""
        told = repr([(one.prefix, one.code, one.tail) for one in self.examples])
        return hashlib.sha256(told.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which rows are taken: `per_label` right and as many wrong of each task and language."""

    per_label: int = 6
    seed: int = 0


def groups_of(rows: Sequence[DataRow], tokenizer: Tokenizer, grouping: Grouping) -> list[Group]:
    """The groups of `rows`, in mixed order.

    Rows that cannot be encoded are left out, and what makes a group longer than `MAX_TOKENS`.
    """
    tasks: dict[tuple[str, str], list[DataRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _digest(f"{grouping.seed} {row.id}")):
        tasks[row.task_id, row.language].append(row)
    groups = [
        group
        for _, found in sorted(tasks.items())
        if (group := _group(found, tokenizer, grouping.per_label)) is not None
    ]
    order = np.random.default_rng(grouping.seed).permutation(len(groups))
    return [groups[int(place)] for place in order]


def _group(rows: Sequence[DataRow], tokenizer: Tokenizer, per_label: int) -> Group | None:
    prompt = rows[0].prompt  # rows come in a hashed order: any of the task's prompts
    taken = {0: 0, 1: 0}
    examples: list[Encoded] = []
    labels: list[int] = []
    writers: list[str] = []
    seen: set[tuple[int, ...]] = set()
    size = 0
    for row in rows:
        if taken[row.label] == per_label:
            continue
        one = encode(Example(prompt, row.code, row.language), tokenizer)
        if not isinstance(one, Encoded) or one.code in seen:
            continue
        if examples and one.prefix != examples[0].prefix:
            continue  # the code has a signature of its own
        cost = len(one.code) + (0 if examples else len(one.prefix))
        if size + cost > MAX_TOKENS:
            continue
        size += cost
        seen.add(one.code)
        taken[row.label] += 1
        examples.append(one.bare())
        labels.append(row.label)
        writers.append(row.generator)
    if not examples:
        return None
    task = number_of(rows[0].task_id)
    return Group(tuple(examples), tuple(labels), rows[0].language, task, tuple(writers))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

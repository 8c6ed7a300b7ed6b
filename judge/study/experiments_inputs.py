"""What experiments are run on: rows, and what the model computes for them. Acts: files, model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np

from judge.adapter import AdapterError, digest_of, folder_of, load
from judge.encode import Tokenizer
from judge.evaluate.intervals import RESAMPLES, Figure, Measured, measure
from judge.evaluate.sample import Told, sample
from judge.head import F64, state_inputs
from judge.model import F32, Backbone, Reading
from judge.registry import lookup, require
from judge.train.data import DataRow
from judge.train.features import Features, features_of
from judge.train.groups import Group, Grouping, groups_of
from judge.train.head import Recipe
from judge.train.readings import opener, read_examples
from judge.train.tasks import Task
from judge.train.toolchains import Toolchains
from judge.types import Example, Verdict

RANKED = ("auc", "auc_within_task", "top1", "top1_random", "top1_oracle")


@dataclass(frozen=True)
class Inputs:
    """What one experiment is given.

    hash      of the files' contents and the entry
    train     rows to fit on, file by file
    held_out  rows of other tasks
    tasks     the tasks of the held-out rows by id, with their tests; {} where not given
    home      where models and what they computed lie
    work      where an experiment keeps what it measured of each task
    """

    hash: str
    train: Sequence[Sequence[DataRow]]
    held_out: Sequence[DataRow]
    home: Path
    model: str
    work: Path = Path()
    tasks: Mapping[str, Task] = field(default_factory=dict)
    tools: Toolchains = field(default_factory=Toolchains)
    recipe: Recipe = field(default_factory=Recipe)
    resamples: int = RESAMPLES

    @cached_property
    def backbone(self) -> Callable[[], Backbone]:
        """Opens the model once. Raises ModelMissing where it is not here."""
        return opener(self.home, self.model)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, without the model."""
        from transformers import AutoTokenizer

        found: Tokenizer = AutoTokenizer.from_pretrained(
            require(self.home, self.model), local_files_only=True
        )
        return found

    @cached_property
    def groups(self) -> list[Group]:
        """The training rows in groups, file by file."""
        return [
            group for rows in self.train for group in groups_of(rows, self.tokenizer, Grouping())
        ]

    def groups_of(self, label_from: Sequence[str]) -> list[Group]:
        """The groups of the training rows whose labels come from there, file by file."""
        parts = [[row for row in rows if row.label_from in label_from] for rows in self.train]
        return [group for rows in parts for group in groups_of(rows, self.tokenizer, Grouping())]

    def features(self, groups: Sequence[Group]) -> Features:
        """What the model computes for `groups`, from the cache where it is known."""
        return features_of(
            groups,
            backbone=self.backbone,
            model_sha256=lookup(self.model).sha256,
            layers=self.recipe.layers,
            cache=self.home / "features",
        )

    @cached_property
    def readings(self) -> list[Reading | None]:
        """The model's readings of the held-out rows."""
        return self._read(self.held_out, self.backbone, self.recipe.layers)

    @cached_property
    def judged(self) -> list[Verdict]:
        """The verdicts of the model's adapter about `known`. Raises AdapterError."""
        pinned = lookup(self.model)
        adapter = load(folder_of(self.model, self.home), model_sha256=pinned.sha256)
        head = adapter.head
        if head is None:
            raise AdapterError(f"the adapter of {self.model} has no head to judge with")
        tuned = opener(self.home, self.model, adapter.updates)
        updates = digest_of(adapter.updates)
        readings = self._read(self.known, tuned, head.layers, updates)
        shared, own = adapter.calibrations["head"], adapter.by_language("head")
        logits = [head.logit(one) for one in readings if one is not None]
        return [
            Verdict(own.get(row.language, shared).probability(one), one, self.model)
            for row, one in zip(self.known, logits, strict=True)
        ]

    def _read(
        self,
        rows: Sequence[DataRow],
        backbone: Callable[[], Backbone],
        layers: Sequence[int],
        tuned: str = "",
    ) -> list[Reading | None]:
        """Readings of `rows`, a language after another, as `gavel train` reads its files: what it
        kept is found again.
        """
        return [
            reading
            for _, some in groupby(rows, key=lambda row: row.language)
            for reading in read_examples(
                [Example(row.prompt, row.code, row.language) for row in some],
                open_backbone=backbone,
                model_sha256=lookup(self.model).sha256,
                layers=layers,
                cache=self.home / "readings",
                tuned=tuned,
            )
        ]

    @cached_property
    def known(self) -> list[DataRow]:
        """The held-out rows that could be read."""
        pairs = zip(self.held_out, self.readings, strict=True)
        return [row for row, reading in pairs if reading is not None]

    @cached_property
    def states(self) -> F32:
        """(N, L * 3 * D) inputs of the first regression for `known`."""
        return np.array([state_inputs(one) for one in self.readings if one is not None])


def figures_of(
    rows: Sequence[DataRow],
    scores: F64,
    *,
    names: Sequence[str] = RANKED,
    resamples: int = RESAMPLES,
) -> dict[str, Figure]:
    """The figures of `scores` (N,), higher is likelier correct, with intervals by task."""
    return measured_of(rows, scores, names=names, resamples=resamples).figures


def measured_of(
    rows: Sequence[DataRow],
    scores: F64,
    *,
    names: Sequence[str] = RANKED,
    resamples: int = RESAMPLES,
) -> Measured:
    """The same with the resamples, of which differences are made."""
    asked = sample(
        Told.of_scores(1 / (1 + np.exp(-np.clip(scores, -30, 30))), scores),
        np.array([row.label for row in rows], dtype=np.int64),
        tasks=[(row.language, row.task_id) for row in rows],
        writers=[row.generator for row in rows],
    )
    return measure(asked, names=names, resamples=resamples)

"""Tune the upper layers on rows: states, loop, updates. Acts: model and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from judge.adapter import digest_of
from judge.encode import Tokenizer
from judge.head import Linear
from judge.model import Backbone
from judge.network import Layers, Update
from judge.train.data import DataRow
from judge.train.fitting import Learnt
from judge.train.groups import Group, Grouping, groups_of
from judge.train.head import fair_weights
from judge.train.loop import Schedule, Step
from judge.train.loop import train as run
from judge.train.scorer import Scorer
from judge.train.states import StateCache
from judge.tuned import Updates


@dataclass(frozen=True, slots=True)
class Tuning:
    """What can be chosen about the tuned layers.

    fork        the last layer that stays as it is
    keep        layers whose states the readout reads
    rank        of the updates
    validation  groups of each held-out file that say when to stop
    begin       updates of the same layers and rank to go on from; None begins with none
    """

    fork: int = 12
    keep: tuple[int, ...] = (16, 20)
    rank: int = 16
    validation: int = 12
    begin: Updates | None = None


def tune_on(
    parts: Sequence[Sequence[DataRow]],
    held_out: Sequence[Sequence[DataRow]],
    backbone: Backbone,
    readout: Linear,
    *,
    tuning: Tuning,
    grouping: Grouping,
    schedule: Schedule,
    states: Path,
    folder: Path,
    started: Callable[[int], None] = lambda groups: None,
    progress: Callable[[Step], None] = lambda step: None,
) -> Learnt:
    """The updates of `backbone` that rows teach, and the readout that was trained with them.

    parts     the rows of each file; those of one file and task are read together
    held_out  the same of other tasks, which say when to stop
    readout   what the run begins with: a regression on the states as they are, or as the updates
              to go on from change them
    states    folder of the cached states below the tuned layers
    folder    folder of the run: checkpoint, best state, log; a run that was cut off goes on there
    started   called once with the number of groups of all epochs

    Raises OSError where a folder cannot be written, ValueError where a class is missing, and
    OtherInputs where the folder holds a run on other rows.
    """
    groups = weighed(mixed(parts, backbone.tokenizer, grouping))
    started(len(groups) * schedule.epochs)
    lower = Layers(backbone.network, 1, tuning.fork).eval()
    embed = backbone.network.model.embed_tokens
    cache = StateCache(states, lambda: (embed, lower), tuning.fork)
    upper = Layers(backbone.network, tuning.fork + 1, max(tuning.keep))
    scorer = Scorer(upper, readout, tuning.keep, rank=tuning.rank)
    if tuning.begin is not None:
        scorer.go_on(tuning.begin)
    parts_out = [groups_of(part, backbone.tokenizer, grouping) for part in held_out]
    validation = weighed([group for part in parts_out for group in part[: tuning.validation]])
    run(
        scorer,
        groups,
        cache,
        schedule,
        validation=validation,
        folder=folder,
        begins=f"{tuning.fork} {tuning.keep} {tuning.rank} {digest_of(tuning.begin)}",
        progress=progress,
    )
    return Learnt(scorer.readout(), updates_of(scorer, tuning))


def mixed(
    parts: Sequence[Sequence[DataRow]], tokenizer: Tokenizer, grouping: Grouping
) -> list[Group]:
    """The groups of all `parts`, in one mixed order."""
    groups = [group for part in parts for group in groups_of(part, tokenizer, grouping)]
    order = np.random.default_rng(grouping.seed).permutation(len(groups))
    return [groups[int(place)] for place in order]


def weighed(groups: Sequence[Group]) -> list[Group]:
    """`groups` in which each writer's right candidates count as much as its wrong ones."""
    writers = [writer for group in groups for writer in group.writers]
    labels = np.array([label for group in groups for label in group.labels], dtype=np.int64)
    weights = iter(fair_weights(writers, labels).tolist())
    return [replace(group, weights=tuple(islice(weights, len(group.labels)))) for group in groups]


def updates_of(scorer: Scorer, tuning: Tuning) -> Updates:
    """What `scorer` learnt, as it is served."""
    matrices = {}
    for name, matrix in scorer.upper.matrices():
        assert matrix.down is not None and matrix.up is not None
        matrices[name] = Update(matrix.down.detach(), matrix.up.detach(), matrix.scale)
    return Updates(tuning.fork, max(tuning.keep), matrices)

"""Tune the upper layers on rows: states, readout, loop, updates. Acts: model and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from judge.encode import Tokenizer
from judge.head import Linear
from judge.model import Backbone
from judge.network import Layers, Update
from judge.train.data import DataRow
from judge.train.groups import Group, Grouping, groups_of
from judge.train.head import fair_weights, regression
from judge.train.loop import Schedule, Step
from judge.train.loop import train as run
from judge.train.scorer import Scorer, readout_inputs
from judge.train.states import StateCache
from judge.tuned import Updates


@dataclass(frozen=True, slots=True)
class Tuning:
    """What can be chosen about the tuned layers.

    fork              the last layer that stays as it is
    keep              layers whose states the readout reads
    rank              of the updates
    readout_groups    groups that the readout begins with; they come last in the first epoch
    readout_strength  inverse of its L2 penalty
    """

    fork: int = 12
    keep: tuple[int, ...] = (16, 20)
    rank: int = 16
    readout_groups: int = 300
    readout_strength: float = 1e-4


def tune_on(
    parts: Sequence[Sequence[DataRow]],
    backbone: Backbone,
    *,
    tuning: Tuning,
    grouping: Grouping,
    schedule: Schedule,
    states: Path,
    folder: Path,
    started: Callable[[int], None] = lambda groups: None,
    progress: Callable[[Step], None] = lambda step: None,
) -> Updates:
    """The updates of `backbone` that rows teach.

    parts    the rows of each file; those of one file and task are read together
    states   folder of the cached states below the tuned layers
    folder   folder of the run: checkpoint, log and readout; a run that was cut off goes on there
    started  called once with the number of groups of all epochs

    Raises OSError where a folder cannot be written, and ValueError where a class is missing.
    """
    groups = weighed(mixed(parts, backbone.tokenizer, grouping))
    started(len(groups) * schedule.epochs)
    lower = Layers(backbone.network, 1, tuning.fork).eval()
    embed = backbone.network.model.embed_tokens
    cache = StateCache(states, lambda: (embed, lower), tuning.fork)
    upper = Layers(backbone.network, tuning.fork + 1, max(tuning.keep))
    first = groups[: tuning.readout_groups]
    scorer = Scorer(
        upper, _readout(first, upper, cache, tuning, folder), tuning.keep, rank=tuning.rank
    )
    order = [*groups[len(first) :], *first]
    run(scorer, order, cache, schedule, folder=folder, progress=progress)
    return updates_of(scorer, tuning)


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
    return Updates(tuning.fork, tuning.keep, matrices, scorer.readout())


def _readout(
    groups: Sequence[Group], upper: Layers, states: StateCache, tuning: Tuning, folder: Path
) -> Linear:
    """The readout that training begins with, kept in `folder`."""
    path = folder / "readout.npz"
    if not path.is_file():
        inputs = []
        with torch.inference_mode():
            for group in groups:
                inputs.append(readout_inputs(upper, states.states(group), tuning.keep).numpy())
        labels = np.array([label for group in groups for label in group.labels], dtype=np.int64)
        fitted = regression(np.concatenate(inputs), labels, tuning.readout_strength)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, c=fitted.center, s=fitted.scale, w=fitted.weights, b=fitted.bias)
    with np.load(path) as held:
        return Linear(held["c"], held["s"], held["w"], float(held["b"]))

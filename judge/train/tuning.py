"""Tune the upper layers on rows: states, readout, loop, updates. Acts: model and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from judge.head import Linear
from judge.model import Backbone
from judge.network import Layers, Update
from judge.train.data import DataRow
from judge.train.groups import Group, Grouping, groups_of
from judge.train.head import regression
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
    readout_groups: int = 100
    readout_strength: float = 1e-4


def tune_on(
    rows: Sequence[DataRow],
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
    """The updates of `backbone` that `rows` teach.

    states   folder of the cached states below the tuned layers
    folder   folder of the run: checkpoint, log and readout; a run that was cut off goes on there
    started  called once with the number of groups of all epochs

    Raises OSError where a folder cannot be written, and ValueError where a class is missing.
    """
    groups = groups_of(rows, backbone.tokenizer, grouping)
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

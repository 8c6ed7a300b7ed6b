"""What the first regression of a head is fitted on: states of packed candidates. Acts.

A task and its candidates are read as one sequence, without the layers above the last that is asked
for and without logits. Files of a cache folder hold what was read, one per group.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache as cache_once
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from judge.model import F32, Backbone
from judge.network import Layers, pack
from judge.pooling import pooled
from judge.train.groups import Group
from judge.train.head import I64


@dataclass(frozen=True, slots=True)
class Features:
    """Inputs of N rows.

    inputs   (N, L * 3 * D) as `judge.head.state_inputs` gives them
    labels   (N,) 1 for correct, 0 for wrong
    tasks    what rows of one task share, in every language
    writers  who wrote each, as `DataRow.generator` says
    """

    inputs: F32
    labels: I64
    tasks: Sequence[str]
    writers: Sequence[str] = ()


def features_of(
    groups: Sequence[Group],
    *,
    backbone: Callable[[], Backbone],
    model_sha256: str,
    layers: Sequence[int],
    cache: Path,
    progress: Callable[[int], None] = lambda rows: None,
) -> Features:
    """The features of all candidates in `groups`.

    backbone  called where the cache lacks a group
    progress  called with the number of rows that each group adds

    Raises OSError where the cache cannot be written.
    """
    cache.mkdir(parents=True, exist_ok=True)
    stack = cache_once(lambda: Layers(backbone().network, 1, max(layers)).eval())
    parts: list[F32] = []
    for group in groups:
        path = cache / f"{group.key}-{model_sha256[:8]}-{'-'.join(map(str, layers))}-pools.npz"
        states = _held(path)
        if states is None:
            states = _states(group, stack(), backbone().network.model.embed_tokens, layers)
            _save(path, states)
        parts.append(states.reshape(len(states), -1))
        progress(len(group.labels))
    return Features(
        inputs=np.concatenate(parts),
        labels=np.array([label for group in groups for label in group.labels], dtype=np.int64),
        tasks=[group.task for group in groups for _ in group.labels],
        writers=[writer for group in groups for writer in group.writers],
    )


def _held(path: Path) -> F32 | None:
    try:
        with np.load(path) as held:
            return np.asarray(held["states"], dtype=np.float32)
    except (OSError, KeyError, ValueError, BadZipFile):
        return None


def _save(path: Path, states: F32) -> None:
    scratch = path.with_suffix(f".{os.getpid()}.partial.npz")
    np.savez(scratch, states=states.astype(np.float16))
    scratch.replace(path)


def _states(
    group: Group,
    stack: Layers,
    embed: Callable[[torch.Tensor], torch.Tensor],
    layers: Sequence[int],
) -> F32:
    """(C, L, 3, D)"""
    packed = pack(group.examples)
    with torch.inference_mode():
        kept = stack(embed(packed.ids), packed.positions, packed.mask, keep=layers)
        rows = [torch.stack([pooled(x[s.start : s.stop]) for x in kept]) for s in packed.spans]
        return np.asarray(torch.stack(rows).numpy(), dtype=np.float32)

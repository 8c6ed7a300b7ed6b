"""Keep readings on disk, so that a head is fitted again in seconds. Acts: model and files.

A cache is a folder of shards, one per `SHARD` rows, named by the hash of what was read: model,
prompt version, layers and the rows' texts. A run that was cut off goes on at the first shard that
is missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache as cache_once
from pathlib import Path

import numpy as np

from judge.encode import PROMPT_VERSION, Encoded, encode
from judge.model import Backbone, Reading, open_backbone
from judge.registry import require
from judge.tuned import Updates
from judge.types import Example

SHARD = 200


def opener(home: Path, model: str, updates: Updates | None = None) -> Callable[[], Backbone]:
    """Opens `model` of the registry, which was pulled to `home`, when first asked; then keeps it.

    updates  what training changed in the upper layers

    What it returns raises UnknownModel, ModelMissing and OSError.
    """
    return cache_once(lambda: open_backbone(require(home, model), updates=updates))


def read_examples(
    examples: Sequence[Example],
    *,
    open_backbone: Callable[[], Backbone],
    model_sha256: str,
    layers: Sequence[int],
    cache: Path,
    tuned: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> list[Reading | None]:
    """One reading per example, in order; None where an example cannot be read.

    open_backbone  called for each shard that is missing: give one that keeps what it opened
    tuned          names the backbone's updates, "" where it has none
    progress       called with the number of rows that each shard adds

    States are kept in half precision. Raises OSError where the cache cannot be written.
    """
    cache.mkdir(parents=True, exist_ok=True)
    readings: list[Reading | None] = []
    for start in range(0, len(examples), SHARD):
        part = examples[start : start + SHARD]
        shard = cache / f"{_key(part, model_sha256, layers, tuned)}.npz"
        if not shard.is_file():
            _save(shard, _read(part, open_backbone(), layers))
        readings += _load(shard)
        progress(len(part))
    return readings


def _key(examples: Sequence[Example], model_sha256: str, layers: Sequence[int], tuned: str) -> str:
    texts = [[one.prompt, one.code, one.language, one.diff] for one in examples]
    told = json.dumps(
        [model_sha256, PROMPT_VERSION, "pools", list(layers), texts] + [tuned] * bool(tuned)
    )
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _read(
    examples: Sequence[Example], backbone: Backbone, layers: Sequence[int]
) -> list[Reading | None]:
    encoded = [encode(example, backbone.tokenizer) for example in examples]
    known = [one for one in encoded if isinstance(one, Encoded)]
    read = iter(backbone.read(known, layers=layers, ask=True))
    return [next(read) if isinstance(one, Encoded) else None for one in encoded]


def _save(shard: Path, readings: Sequence[Reading | None]) -> None:
    known = [reading for reading in readings if reading is not None]
    scratch = shard.with_suffix(".partial.npz")
    np.savez(
        scratch,
        is_known=np.array([reading is not None for reading in readings]),
        lengths=np.array([len(one.log_probs) for one in known], dtype=np.int64),
        log_probs=np.concatenate([np.zeros(0, np.float32), *(one.log_probs for one in known)]),
        states=np.array([one.states for one in known], dtype=np.float16),
        yes_minus_no=np.array([one.yes_minus_no for one in known], dtype=np.float64),
    )
    scratch.replace(shard)


def _load(shard: Path) -> list[Reading | None]:
    with np.load(shard) as held:
        ends = np.cumsum(held["lengths"])
        log_probs = np.split(held["log_probs"], ends[:-1]) if len(ends) else []
        known = iter(
            Reading(states.astype(np.float32), probs, float(yes))
            for states, probs, yes in zip(
                held["states"], log_probs, held["yes_minus_no"], strict=True
            )
        )
        return [next(known) if is_known else None for is_known in held["is_known"]]

"""Keep the best state of a training run, and say when it stopped getting better. Acts: one file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from judge.train.checkpoints import put

BEST = "best.pt"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a run is watched by.

    loss      what the module is to be judged by: lower is better
    every     steps between two looks
    patience  looks without a better one after which the run ends
    """

    loss: Callable[[], float]
    every: int
    patience: int


def look(module: nn.Module, watch: Watch, step: int, folder: Path) -> bool:
    """Measure `module` after `step` steps, 0 first; whether the run goes on. Raises OSError.

    The best state so far lies in folder/best.pt, each look is a line of folder/validation.jsonl.
    """
    loss = watch.loss()
    with (folder / "validation.jsonl").open("a") as log:
        log.write(json.dumps({"step": step, "loss": round(loss, 4)}) + "\n")
    if step == 0 or loss < _best(folder)["loss"]:
        put(folder / BEST, {"loss": loss, "step": step, "module": module.state_dict()})
    return goes_on(watch, step, folder)


def goes_on(watch: Watch, step: int, folder: Path) -> bool:
    """Whether a run that was looked at before may take more steps after `step`."""
    return bool(step - _best(folder)["step"] < watch.patience * watch.every)


def put_back(module: nn.Module, folder: Path) -> int:
    """Put the best state into `module`; the step that it is of."""
    held = _best(folder)
    module.load_state_dict(held["module"])
    return int(held["step"])


def _best(folder: Path) -> dict[str, Any]:
    return dict(torch.load(folder / BEST, weights_only=True))

"""Keep the best state of a training run, and say when it stopped getting better. Acts: one file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn


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
    """Measure `module` after `step` steps; whether the run should go on. Raises OSError.

    The best state so far lies in folder/best.pt, each look is a line of folder/validation.jsonl.
    """
    loss = watch.loss()
    with (folder / "validation.jsonl").open("a") as log:
        log.write(json.dumps({"step": step, "loss": round(loss, 4)}) + "\n")
    best = folder / "best.pt"
    held = torch.load(best, weights_only=True) if best.is_file() else None
    if held is None or loss < held["loss"]:
        scratch = best.with_suffix(".partial")
        torch.save({"loss": loss, "step": step, "module": module.state_dict()}, scratch)
        scratch.replace(best)
        return True
    return bool(step - held["step"] < watch.patience * watch.every)


def put_back(module: nn.Module, folder: Path) -> int:
    """Put the best state into `module`; the step that it is of."""
    held = torch.load(folder / "best.pt", weights_only=True)
    module.load_state_dict(held["module"])
    return int(held["step"])

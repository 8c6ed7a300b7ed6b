"""Keep where a training run stands, and go on from there. Acts: one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn


def resume(
    checkpoint: Path,
    name: str,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    planned: torch.optim.lr_scheduler.LambdaLR,
) -> int:
    """Put what `save` kept under `name` into place; the steps done, 0 where there is no file."""
    if not checkpoint.is_file():
        return 0
    held = torch.load(checkpoint, weights_only=True)
    module.load_state_dict(held[name])
    optimizer.load_state_dict(held["optimizer"])
    planned.load_state_dict(held["planned"])
    return int(held["step"])


def save(
    checkpoint: Path,
    name: str,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    planned: torch.optim.lr_scheduler.LambdaLR,
    step: int,
) -> None:
    """Write all of a run after `step` steps, whole or not at all. Raises OSError."""
    put(
        checkpoint,
        {
            name: module.state_dict(),
            "optimizer": optimizer.state_dict(),
            "planned": planned.state_dict(),
            "step": step,
        },
    )


def put(path: Path, held: Mapping[str, Any]) -> None:
    """Write `held` to `path`, whole or not at all. Raises OSError."""
    scratch = path.with_suffix(".partial")
    torch.save(dict(held), scratch)
    scratch.replace(path)

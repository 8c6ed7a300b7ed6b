"""Keep where a training run stands, and go on from there. Acts: files of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from judge.train.done import OtherInputs
from judge.train.manifest import write_json


def belongs_to(folder: Path, identity: str) -> None:
    """Note that the run in `folder` is of `identity`, a hash of all that it learns from.

    Raises OtherInputs where it is of another: going on with that would teach nothing of the new.
    """
    note = folder / "run.json"
    try:
        held = json.loads(note.read_text(encoding="utf-8"))["identity"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        write_json(note, {"identity": identity})
        return
    if held != identity:
        raise OtherInputs(
            f"{folder} holds a run on other rows or in other steps: delete it, or name another "
            "folder for the run with --work"
        )


def cut_log(log: Path, done: int) -> None:
    """Drop what `log` holds of steps from `done` on, which come anew, and a line cut short."""
    if not log.is_file():
        return
    lines = log.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if line.endswith(b"\n") and _step(line) < done]
    if len(kept) < len(lines):
        scratch = log.with_suffix(".partial")
        scratch.write_bytes(b"".join(kept))
        scratch.replace(log)


def _step(line: bytes) -> float:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


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

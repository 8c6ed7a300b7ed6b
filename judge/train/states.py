"""Keep the states below the trained layers on disk: they never change. Acts: model and files.

Training reads each group's states again in every epoch; the layers below `fork` run once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from judge.network import Layers, Span, pack
from judge.train.groups import Group


@dataclass(frozen=True, slots=True)
class GroupStates:
    """What the upper layers of a group of T tokens begin with.

    states     (T, D) after layer `fork`
    positions  (T,)
    mask       (T, T)
    spans      one per candidate
    """

    states: Tensor
    positions: Tensor
    mask: Tensor
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class StateCache:
    """A folder of states, one file per group; `lower` runs the layers up to the fork."""

    folder: Path
    network: Callable[[], tuple[Callable[[Tensor], Tensor], Layers]]  # embedding, lower layers
    fork: int

    def states(self, group: Group) -> GroupStates:
        """The group's states, computed where the folder lacks them. Raises OSError."""
        path = self.folder / f"{group.key}-{self.fork}.safetensors"
        try:
            held = load_file(path)["states"]
        except (OSError, SafetensorError):
            held = self._compute(group)
            self._save(path, held)
        packed = pack(group.examples)
        return GroupStates(held, packed.positions, packed.mask, packed.spans)

    def _compute(self, group: Group) -> Tensor:
        embed, lower = self.network()
        packed = pack(group.examples)
        with torch.inference_mode():
            kept = lower(embed(packed.ids), packed.positions, packed.mask, keep=[self.fork])
            return torch.cat(kept)

    def _save(self, path: Path, states: Tensor) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.partial")
        save_file({"states": states.contiguous()}, scratch)
        scratch.replace(path)

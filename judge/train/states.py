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

from judge.network import Layers, Span, mask_of, pack
from judge.train.groups import Group


@dataclass(frozen=True, slots=True)
class GroupStates:
    """What the upper layers of a group begin with: T tokens, the tails cut to their last one.

    states     (T, D) after layer `fork`
    positions  (T,)
    mask       (T, T)
    spans      one per candidate: its code, then the answer's token
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
        return arranged(group, held)

    def _compute(self, group: Group) -> Tensor:
        embed, lower = self.network()
        packed = pack(group.examples)
        kept = list(range(len(group.examples[0].prefix)))
        for example, span in zip(group.examples, packed.spans, strict=True):
            kept += [*range(span.start, span.start + len(example.code)), span.stop - 1]
        with torch.inference_mode():
            states: Tensor
            (states,) = lower(embed(packed.ids), packed.positions, packed.mask, keep=[self.fork])
            return torch.index_select(states, 0, torch.tensor(kept)).clone()

    def _save(self, path: Path, states: Tensor) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.partial")
        save_file({"states": states.contiguous()}, scratch)
        scratch.replace(path)


def arranged(group: Group, states: Tensor) -> GroupStates:
    """`states` (T, D) with where each of their tokens belongs."""
    prefix = len(group.examples[0].prefix)
    positions, spans = list(range(prefix)), []
    for example in group.examples:
        start = len(positions)
        positions += range(prefix, prefix + len(example.code))
        positions.append(prefix + len(example.code) + len(example.tail) - 1)
        spans.append(Span(start, len(positions)))
    return GroupStates(states, torch.tensor(positions), mask_of(prefix, spans), tuple(spans))

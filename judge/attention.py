"""Attention over sequences that share beginnings. Decides; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from judge.forest import Forest


@dataclass(frozen=True, slots=True)
class Sight:
    """Tokens [start, stop) of a sequence of T, which look along `path`, each up to itself.

    path  (S,) places from the first token to stop - 1; its last stop - start are the own ones
    mask  (stop - start, S) True where a row's token may look; None where nothing stands before
    """

    start: int
    stop: int
    path: Tensor
    mask: Tensor | None


Mask = Tensor | Sequence[Sight]  # (T, S), or where each stretch of the T tokens looks


def sights(forest: Forest) -> list[Sight]:
    """Where the tokens of `forest` look: no pair is computed that a mask would hide again."""
    found = []
    for branch in forest.branches:
        own, seen = branch.stop - branch.start, len(branch.path)
        mask = torch.ones(own, seen, dtype=torch.bool).tril(seen - own) if own < seen else None
        found.append(Sight(branch.start, branch.stop, torch.from_numpy(branch.path), mask))
    return found


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Mask) -> Tensor:
    """(H, T, d) and twice (G, S, d) -> (H, T, d). G divides H: neighbours share keys.

    With sights, S is T.
    """
    if isinstance(mask, Tensor):
        return _attend(q, k, v, mask)
    parts = [
        _attend(q[:, one.start : one.stop], k[:, one.path], v[:, one.path], one.mask)
        for one in mask
    ]
    return torch.cat(parts, dim=1)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    repeat = len(q) // len(k)
    return functional.scaled_dot_product_attention(
        q[None],
        k.repeat_interleave(repeat, 0)[None],
        v.repeat_interleave(repeat, 0)[None],
        attn_mask=None if mask is None else mask[None, None],
        is_causal=mask is None,
    )[0]


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary position embedding (arXiv 2104.09864) of (H, T, d), halves against halves."""
    low, high = x.chunk(2, dim=-1)
    return x * rope[0] + torch.cat([-high, low], dim=-1) * rope[1]

"""Summarise the states of a code's tokens, whatever their number. Decides; no I/O.

The last token's state has seen all of the code; the standard deviation tells one odd line, where a
mean would drown it. Both are had for nothing from states that are computed anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

F32 = NDArray[np.float32]


def pooled(states: Tensor) -> Tensor:
    """(n, D) -> (3, D): the mean of the n tokens, their standard deviation, the last one."""
    wide = states.float()
    return torch.stack([wide.mean(0), wide.std(0, correction=0), wide[-1]])


def pooled_of_parts(parts: Sequence[F32], shares: NDArray[np.float64]) -> F32:
    """What `pooled` says of a whole from what it says of its consecutive parts.

    parts   (..., 3, D) each
    shares  each part's share of the tokens; their sum is 1
    """
    means = np.array([part[..., 0, :] for part in parts], dtype=np.float64)
    squares = np.array([part[..., 1, :] for part in parts], dtype=np.float64) ** 2 + means**2
    mean = np.tensordot(shares, means, 1)
    spread = np.sqrt(np.maximum(np.tensordot(shares, squares, 1) - mean**2, 0.0))
    return np.stack([mean, spread, parts[-1][..., 2, :]], axis=-2).astype(np.float32)

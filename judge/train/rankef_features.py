"""RankEF on states that were computed before: a small network on a frozen model. Decides; no I/O.

Training all of a language model takes a graphics card. The states of its layers are computed once
and kept (`judge.train.features`), and what is trained here on top takes seconds on a processor.
The hidden layer is what the tasks share: without one, a second task could change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from judge.head import F64
from judge.model import F32
from judge.train.head import I64
from judge.train.rankef import KINDS, Said, Weights, objective

Progress = Callable[[int, int], None]  # (steps done, steps in all)


@dataclass(frozen=True, slots=True)
class Fitting:
    """What can be chosen.

    hidden  width of the shared layer
    rate    learning rate of AdamW, decay the weight decay
    dropout share of inputs and of hidden values that a step leaves out
    seeds   networks that are trained apart; their logits are averaged
    """

    hidden: int = 64
    rate: float = 1e-3
    decay: float = 0.1
    dropout: float = 0.2
    batch: int = 64
    epochs: int = 6
    seeds: int = 3


class Shared(nn.Module):
    """Standardised states (B, F) -> hidden (B, H) -> a logit for each task."""

    def __init__(self, inputs: int, fitting: Fitting) -> None:
        super().__init__()
        self.shared = nn.Sequential(
            nn.Dropout(fitting.dropout),
            nn.Linear(inputs, fitting.hidden),
            nn.GELU(),
            nn.Dropout(fitting.dropout),
        )
        self.right = nn.Linear(fitting.hidden, 1)
        self.kind = nn.Linear(fitting.hidden, len(KINDS))

    def forward(self, inputs: Tensor) -> Said:
        """What it says of B rows."""
        hidden = self.shared(inputs)
        return Said(self.right(hidden)[:, 0], self.kind(hidden))


@dataclass(frozen=True)
class Fitted:
    """Networks with what standardises their inputs."""

    center: F32
    scale: F32
    networks: tuple[Shared, ...]

    def logits(self, inputs: NDArray[np.floating]) -> F64:
        """(N, F) -> (N,) mean logits of being right."""
        standard = torch.from_numpy(((inputs - self.center) / self.scale).astype(np.float32))
        with torch.inference_mode():
            told = torch.stack([network(standard).right for network in self.networks])
        return np.asarray(told.mean(0).numpy(), dtype=np.float64)

    def kinds(self, inputs: NDArray[np.floating]) -> I64:
        """(N, F) -> (N,) the likeliest kind of each outcome, an index into KINDS."""
        standard = torch.from_numpy(((inputs - self.center) / self.scale).astype(np.float32))
        with torch.inference_mode():
            told = torch.stack([network(standard).kinds.softmax(1) for network in self.networks])
        return np.asarray(told.mean(0).argmax(1).numpy(), dtype=np.int64)


def fit(
    inputs: F32,
    labels: I64,
    kinds: I64,
    *,
    weights: Weights,
    fitting: Fitting,
    progress: Progress = lambda done, total: None,
) -> Fitted:
    """Networks fitted on N rows; the same input and seeds give the same.

    inputs  (N, F) as `judge.head.state_inputs` gives them
    labels  (N,) 1 for correct, 0 for wrong
    kinds   (N,) index into KINDS, or NO_KIND

    Raises ValueError where a class is missing.
    """
    if len(set(labels.tolist())) < 2:
        raise ValueError("a ranker needs right and wrong rows to be fitted on")
    center, scale = inputs.mean(0), inputs.std(0)
    scale[scale == 0] = 1.0
    rows = (
        torch.from_numpy(((inputs - center) / scale).astype(np.float32)),
        torch.from_numpy(labels.astype(np.float32)),
        torch.from_numpy(kinds),
    )
    networks = tuple(
        _fit_one(rows, weights, fitting, seed, progress) for seed in range(fitting.seeds)
    )
    return Fitted(center.astype(np.float32), scale.astype(np.float32), networks)


def _fit_one(
    rows: tuple[Tensor, Tensor, Tensor],
    weights: Weights,
    fitting: Fitting,
    seed: int,
    progress: Progress,
) -> Shared:
    inputs, labels, kinds = rows
    size = fitting.batch
    steps = fitting.epochs * -(-len(labels) // size)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Shared(inputs.shape[1], fitting).train()
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=fitting.rate, weight_decay=fitting.decay
        )
        for epoch in range(fitting.epochs):
            mixed = torch.randperm(len(labels))
            for place, start in enumerate(range(0, len(mixed), size), start=1):
                chosen = mixed[start : start + size]
                loss = objective(network(inputs[chosen]), labels[chosen], kinds[chosen], weights)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                progress(
                    (seed * fitting.epochs + epoch) * (steps // fitting.epochs) + place,
                    fitting.seeds * steps,
                )
    return network.eval()

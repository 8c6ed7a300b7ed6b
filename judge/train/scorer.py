"""The trainable judge: upper layers with low-rank updates and a linear readout. Decides; no I/O."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from judge.head import Linear
from judge.network import Layers
from judge.pooling import pooled
from judge.train.states import GroupStates
from judge.tuned import Updates


class Scorer(nn.Module):
    """States at the fork -> one logit per candidate.

    The readout is that of a head on frozen states: what `pooled` says of the code's states after
    each layer of `keep`. It starts as the one that it is given, so that training goes on from what
    that knows.
    """

    def __init__(self, upper: Layers, readout: Linear, keep: Sequence[int], *, rank: int) -> None:
        super().__init__()
        self.upper, self.keep = upper, tuple(keep)
        generator = torch.Generator().manual_seed(0)
        for _, matrix in upper.matrices():
            matrix.train_update(rank, generator=generator)
        self.register_buffer("center", torch.from_numpy(readout.center))
        self.register_buffer("scale", torch.from_numpy(readout.scale))
        self.weights = nn.Parameter(torch.from_numpy(readout.weights.copy()))
        self.bias = nn.Parameter(torch.tensor(readout.bias, dtype=torch.float32))

    def forward(self, group: GroupStates) -> Tensor:
        """(C,) logits of the group's C candidates."""
        inputs = readout_inputs(self.upper, group, self.keep)
        standard = (inputs - self.get_buffer("center")) / self.get_buffer("scale")
        return standard @ self.weights + self.bias

    def go_on(self, updates: Updates) -> None:
        """Begin where `updates` ended. Raises ValueError for those of other layers or rank."""
        matrices = dict(self.upper.matrices())
        if matrices.keys() != updates.matrices.keys():
            raise ValueError("the updates to go on from are of other layers than those to be tuned")
        for name, update in updates.matrices.items():
            matrices[name].go_on(update)

    def readout(self) -> Linear:
        """The readout as it is now."""
        return Linear(
            center=self.get_buffer("center").numpy(),
            scale=self.get_buffer("scale").numpy(),
            weights=self.weights.detach().numpy(),
            bias=float(self.bias.detach()),
        )


def readout_inputs(upper: Layers, group: GroupStates, keep: Sequence[int]) -> Tensor:
    """(C, len(keep) * 3 * D) what `pooled` says of each candidate's code after each layer."""
    kept = upper(group.states, group.positions, group.mask, keep=keep)
    rows = [
        torch.cat([pooled(x[span.start : span.stop]).flatten() for x in kept])
        for span in group.spans
    ]
    return torch.stack(rows)


def loss_of(
    logits: Tensor,
    labels: Tensor,
    *,
    pointwise: float,
    pairwise: float,
    weights: Tensor | None = None,
) -> Tensor:
    """`pointwise` times cross-entropy plus `pairwise` times the logistic loss of the task's pairs.

    logits   (C,)
    labels   (C,) 1.0 for correct, 0.0 for wrong
    weights  (C,) how much each candidate counts, a pair by the product of both; None for 1 each

    A task whose candidates are of one class has no pairs.
    """
    counts = torch.ones_like(logits) if weights is None else weights
    each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    loss = pointwise * (counts * each).mean()
    right, wrong = logits[labels == 1], logits[labels == 0]
    if not len(right) or not len(wrong):
        return loss
    gaps = right[:, None] - wrong[None, :]
    both = counts[labels == 1][:, None] * counts[labels == 0][None, :]
    return loss + pairwise * (both * functional.softplus(-gaps)).sum() / both.sum()

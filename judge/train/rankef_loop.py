"""Train a ranker on rows, and let it score. Acts: runs the network, keeps checkpoints.

The same seed gives the same order of batches, so that a run that was cut off goes on at its last
checkpoint as if it had not been.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from judge.train.checkpoints import resume, save
from judge.train.loop import share_of_peak
from judge.train.rankef import Weights, objective
from judge.train.rankef_network import Ranker
from judge.train.rankef_rows import Item, Special, batch_of

Progress = Callable[[int, int], None]  # (steps done, steps in all)


@dataclass(frozen=True, slots=True)
class Course:
    """How a ranker learns.

    rate       peak learning rate of the body (AdamW); head_rate that of the heads
    warmup     share of the steps until the peak; a cosine to nothing follows
    body       the body learns too, not the heads alone
    every      steps between checkpoints
    """

    rate: float = 5e-5
    head_rate: float = 1e-3
    batch: int = 8
    epochs: int = 2
    warmup: float = 0.1
    body: bool = True
    seed: int = 0
    every: int = 50


def train(
    ranker: Ranker,
    items: Sequence[Item],
    special: Special,
    *,
    weights: Weights,
    course: Course,
    folder: Path,
    progress: Progress = lambda done, total: None,
) -> None:
    """Train `ranker` in place, with a checkpoint in `folder`. Raises ValueError, OSError."""
    if len({one.label for one in items}) < 2:
        raise ValueError("a ranker needs right and wrong rows to be trained on")
    folder.mkdir(parents=True, exist_ok=True)
    order = [chosen for epoch in range(course.epochs) for chosen in _batches(items, course, epoch)]
    optimizer, planned = _optimizer(ranker, course, len(order))
    checkpoint = folder / "checkpoint.pt"
    done = resume(checkpoint, "ranker", ranker, optimizer, planned)
    ranker.train()
    for step in range(done, len(order)):
        with torch.random.fork_rng():
            torch.manual_seed(course.seed * 1_000_003 + step)  # dropout, the same after a restart
            batch = batch_of([items[index] for index in order[step]], special)
            said = ranker(batch, kinds=bool(weights.kind), write=bool(weights.text))
            loss = objective(said, batch.labels, batch.kinds, weights)
            loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(ranker.parameters(), 1.0)
        optimizer.step()
        planned.step()
        optimizer.zero_grad()
        if (step + 1) % course.every == 0 or step + 1 == len(order):
            save(checkpoint, "ranker", ranker, optimizer, planned, step + 1)
        progress(step + 1, len(order))
    ranker.eval()


def score(ranker: Ranker, items: Sequence[Item], special: Special, *, batch: int) -> list[float]:
    """The logit of each item, in order; `batch` of them are read together."""
    logits: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(items), batch):
            said = ranker(batch_of(items[start : start + batch], special))
            logits += [float(one) for one in said.right]
    return logits


def _batches(items: Sequence[Item], course: Course, epoch: int) -> list[list[int]]:
    """Indices of each batch: rows of like length together, batches in a mixed order."""
    generator = torch.Generator().manual_seed(course.seed * 1000 + epoch)
    mixed = torch.randperm(len(items), generator=generator).tolist()
    near = sorted(mixed, key=lambda index: len(items[index].ids) // 32)
    parts = [near[start : start + course.batch] for start in range(0, len(near), course.batch)]
    return [parts[place] for place in torch.randperm(len(parts), generator=generator).tolist()]


def _optimizer(
    ranker: Ranker, course: Course, steps: int
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    body = list(ranker.body.parameters())
    for one in body:
        one.requires_grad_(course.body)
    heads = [*ranker.right.parameters(), *ranker.kind.parameters()]
    groups = [{"params": heads, "lr": course.head_rate}]
    if course.body:
        groups.append({"params": body, "lr": course.rate})
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    warmup = max(1, math.ceil(course.warmup * steps))
    return optimizer, torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: share_of_peak(step, warmup=warmup, total=steps)
    )

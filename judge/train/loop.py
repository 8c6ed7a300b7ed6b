"""Train the upper layers' updates on groups of candidates. Acts: model, checkpoints, log.

One pass over the groups is enough to measure with: each group's logits, taken before the step that
learns from it, come from a judge that never saw its candidates.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from judge.train.best import Watch, goes_on, look, put_back
from judge.train.checkpoints import belongs_to, cut_log, resume, save
from judge.train.groups import Group
from judge.train.scorer import Scorer, loss_of
from judge.train.states import StateCache


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to learn.

    rate          peak learning rate of the updates (AdamW)
    readout_rate  the same for the readout
    batch         groups in a step
    warmup        steps until the peak; a cosine to nothing follows
    epochs        passes over the groups
    pointwise     weight of the cross-entropy
    pairwise      weight of the pairwise loss
    every         steps between checkpoints
    check         steps between looks at the validation groups
    patience      looks without a better one after which the run ends
    """

    rate: float = 7e-5
    readout_rate: float = 2e-5
    batch: int = 5
    warmup: int = 15
    epochs: int = 1
    pointwise: float = 1.0
    pairwise: float = 0.5
    every: int = 10
    check: int = 30
    patience: int = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What one group said before the step that learns from it."""

    step: int
    loss: float
    language: str
    logits: list[float]
    labels: list[int]
    seconds: float


def train(
    scorer: Scorer,
    groups: Sequence[Group],
    states: StateCache,
    schedule: Schedule,
    *,
    validation: Sequence[Group],
    folder: Path,
    begins: str = "",
    progress: Callable[[Step], None] = lambda step: None,
) -> None:
    """Train `scorer` in place; a run that was cut off goes on at its last checkpoint in `folder`.

    validation  groups of other tasks: the state that does best on them is kept, that before the
                first step among them, and a run that stops getting better ends
    begins      says what `scorer` is and begins with, to tell this run from others

    Appends one line per group to folder/steps.jsonl. Raises OSError where that cannot be written,
    and OtherInputs where the folder holds a run on other groups or with another schedule.
    """
    folder.mkdir(parents=True, exist_ok=True)
    belongs_to(folder, _identity(groups, validation, schedule, begins))
    updates = [p for name, p in scorer.named_parameters() if name.startswith("upper.")]
    optimizer = torch.optim.AdamW(
        [
            {"params": updates, "lr": schedule.rate},
            {"params": [scorer.weights, scorer.bias], "lr": schedule.readout_rate},
        ],
        weight_decay=0.01,
        betas=(0.9, 0.99),
    )
    total = schedule.epochs * math.ceil(len(groups) / schedule.batch)
    planned = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: share_of_peak(step, warmup=schedule.warmup, total=total)
    )
    checkpoint = folder / "checkpoint.pt"
    done = resume(checkpoint, "scorer", scorer, optimizer, planned)
    cut_log(folder / "steps.jsonl", done)
    watch = Watch(lambda: mean_loss(scorer, validation, states), schedule.check, schedule.patience)
    going = goes_on(watch, done, folder) if done else look(scorer, watch, 0, folder)
    for step in range(done, total):
        if not going:
            break
        start = step * schedule.batch % (math.ceil(len(groups) / schedule.batch) * schedule.batch)
        batch = groups[start : start + schedule.batch]
        for group in batch:
            began = time.monotonic()
            logits = scorer(states.states(group))
            loss = _loss(logits, group, pointwise=schedule.pointwise, pairwise=schedule.pairwise)
            (loss / len(batch)).backward()  # type: ignore[no-untyped-call]
            told = Step(
                step,
                float(loss.detach()),
                group.language,
                [round(float(x), 4) for x in logits.detach()],
                list(group.labels),
                round(time.monotonic() - began, 3),
            )
            with (folder / "steps.jsonl").open("a") as log:
                log.write(json.dumps(asdict(told)) + "\n")
            progress(told)
        torch.nn.utils.clip_grad_norm_(updates, 1.0)
        optimizer.step()
        planned.step()
        optimizer.zero_grad()
        if (step + 1) % schedule.every == 0 or step + 1 == total:
            save(checkpoint, "scorer", scorer, optimizer, planned, step + 1)
        if (step + 1) % schedule.check == 0 or step + 1 == total:
            going = look(scorer, watch, step + 1, folder)
    put_back(scorer, folder)


def mean_loss(scorer: Scorer, groups: Sequence[Group], states: StateCache) -> float:
    """Mean cross-entropy per candidate of `groups`, as `loss_of` weighs them."""
    told = 0.0
    with torch.inference_mode():
        for group in groups:
            loss = _loss(scorer(states.states(group)), group, pointwise=1, pairwise=0)
            told += float(loss) * len(group.labels)
    return told / sum(len(group.labels) for group in groups)


def _identity(
    groups: Sequence[Group], validation: Sequence[Group], schedule: Schedule, start: str
) -> str:
    told = [
        [(one.key, one.labels, [f"{w:.6g}" for w in one.weights]) for one in part]
        for part in (groups, validation)
    ]
    return hashlib.sha256(repr((told, schedule, start)).encode()).hexdigest()


def _loss(logits: Tensor, group: Group, *, pointwise: float, pairwise: float) -> Tensor:
    labels = torch.tensor(group.labels, dtype=torch.float32)
    weights = torch.tensor(group.weights) if group.weights else None
    return loss_of(logits, labels, pointwise=pointwise, pairwise=pairwise, weights=weights)


def share_of_peak(step: int, *, warmup: int, total: int) -> float:
    """Share of the peak learning rate at `step`: up in a line, down in half a cosine."""
    if step < warmup:
        return (step + 1) / warmup
    rest = (step - warmup) / max(1, total - warmup)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, rest)))

"""Experiments that fit the head's first regression on cached features. Decides; reads no files.

The first regression alone, on frozen states: what the tuned layers or the log-probabilities add is
not in these figures, so that a fit costs seconds and the differences are those of what is varied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from judge.evaluate.intervals import Figure
from judge.head import F64
from judge.study.experiments_inputs import Inputs, figures_of
from judge.train.groups import Group
from judge.train.head import I64, regression

SHARES = (16, 8, 4, 2, 1)  # one in so many training tasks
PER_LABEL = (1, 2, 3, 6)
DOMAINS = {"tests": "puzzles", "fix-commit": "library code"}  # by where a label comes from
STEPS = 60  # of LBFGS
Figures = Mapping[str, Figure]
Cell = tuple[str, Callable[[], Figures]]


def training_size(inputs: Inputs) -> Iterator[Cell]:
    """Growing parts of the training tasks; each holds the one before."""
    tasks = _shuffled({group.task for group in inputs.groups})
    for share in SHARES:
        kept = set(tasks[: max(1, len(tasks) // share)])
        groups = [group for group in inputs.groups if group.task in kept]
        yield _labelled(inputs, groups, f"{len(kept):,} tasks")


def candidates_per_task(inputs: Inputs) -> Iterator[Cell]:
    """At most so many right and as many wrong candidates of a task, over as many rows in all."""
    parts = {count: [_thinned(group, count) for group in inputs.groups] for count in PER_LABEL}
    budget = sum(len(places) for places in parts[PER_LABEL[0]])
    for count in PER_LABEL:
        for rows, how in ((None, "all tasks"), (budget, "as many rows")):
            if rows is None or count != PER_LABEL[0]:
                label = f"{count} of each label, {how}"
                yield label, _thin(inputs, parts[count], rows)


def languages(inputs: Inputs) -> Iterator[Cell]:
    """Each language alone and all together, measured on each language."""
    found = sorted({group.language for group in inputs.groups})
    measured_on = sorted({row.language for row in inputs.known})
    for train in [[one] for one in found] + ([found] if len(found) > 1 else []):
        groups = [group for group in inputs.groups if group.language in train]
        for test in measured_on:
            places = [at for at, row in enumerate(inputs.known) if row.language == test]
            yield _labelled(inputs, groups, f"{' + '.join(train)} → {test}", places)


def domains(inputs: Inputs) -> Iterator[Cell]:
    """Puzzles alone, library code alone and both, measured on each."""
    known = {row.label_from for rows in inputs.train for row in rows}
    found = [one for one in DOMAINS if one in known]
    for train in [[one] for one in found] + ([found] if len(found) > 1 else []):
        groups = inputs.groups_of(train)
        for test, name in DOMAINS.items():
            places = [at for at, row in enumerate(inputs.known) if row.label_from == test]
            if places:
                named = " + ".join(DOMAINS[one] for one in train)
                yield _labelled(inputs, groups, f"{named} → {name}", places)


def loss(inputs: Inputs) -> Iterator[Cell]:
    """Cross-entropy, the logistic loss of each task's pairs, and both in even parts."""
    for name, pointwise, pairwise in (
        ("pointwise", 1.0, 0.0),
        ("pairwise", 0.0, 1.0),
        ("both", 0.5, 0.5),
    ):
        yield name, _with_loss(inputs, pointwise, pairwise)


FITTED: Mapping[str, tuple[str, str, Callable[[Inputs], Iterator[Cell]]]] = {
    "training-size": (
        "Training-set size",
        "The head's first regression, fitted on growing parts of the training tasks.",
        training_size,
    ),
    "loss": (
        "Loss",
        "One linear scorer on the same states with the same penalty: cross-entropy over all rows, "
        "the logistic loss over pairs of a right and a wrong candidate of one task, or both. A "
        "pairwise loss says nothing of one task against another.",
        loss,
    ),
    "candidates-per-task": (
        "Candidates per task in training",
        "At most N right and N wrong candidates of each training task; over all tasks, and over so "
        "many tasks that the rows are as many as with N = 1.",
        candidates_per_task,
    ),
    "languages": (
        "Train on one language, test on another",
        "The head's first regression, fitted on the left and measured on the right.",
        languages,
    ),
    "domains": (
        "Train on puzzles, test on library code, and the reverse",
        "The head's first regression, fitted on the left and measured on the right. Puzzles are "
        "labelled by their tests; library code, functions of repositories, by later fixes, and is "
        "shown as whole functions with the commit's message for a description.",
        domains,
    ),
}


def _labelled(
    inputs: Inputs, groups: Sequence[Group], name: str, places: Sequence[int] | None = None
) -> Cell:
    """Fitted on `groups`; measured on the held-out rows at `places`, or on all."""
    rows = sum(len(group.labels) for group in groups)

    def measured() -> Figures:
        features = inputs.features(groups)
        return _figures(inputs, features.inputs, features.labels, places)

    return f"{name}, {rows:,} rows" if places is None else f"{name} ({rows:,} rows)", measured


def _thin(inputs: Inputs, kept: Sequence[Sequence[int]], rows: int | None) -> Callable[[], Figures]:
    def measured() -> Figures:
        features = inputs.features(inputs.groups)
        starts = np.cumsum([0, *(len(group.labels) for group in inputs.groups)])
        places: list[int] = []
        for start, some in zip(starts, kept, strict=False):
            if rows is not None and len(places) >= rows:
                break
            places += [int(start) + one for one in some]
        chosen = np.array(places, dtype=np.int64)
        return _figures(inputs, features.inputs[chosen], features.labels[chosen])

    return measured


def _with_loss(inputs: Inputs, pointwise: float, pairwise: float) -> Callable[[], Figures]:
    def measured() -> Figures:
        features = inputs.features(inputs.groups)
        center, scale = features.inputs.mean(0), features.inputs.std(0)
        scale[scale == 0] = 1.0
        weights = fitted(
            (features.inputs - center) / scale,
            features.labels,
            [len(group.labels) for group in inputs.groups],
            pointwise=pointwise,
            pairwise=pairwise,
            strength=inputs.recipe.states_strength,
        )
        scores = ((inputs.states - center) / scale).astype(np.float64) @ weights
        return figures_of(inputs.known, scores, resamples=inputs.resamples)

    return measured


def fitted(
    standard: NDArray[np.floating],
    labels: I64,
    sizes: Sequence[int],
    *,
    pointwise: float,
    pairwise: float,
    strength: float,
) -> F64:
    """(F,) weights that minimise the loss, with an L2 penalty as `regression` has it.

    standard  (N, F) standardised inputs, group after group
    sizes     rows of each group

    A pair counts so much that a group's pairs weigh as much as its rows.
    """
    import torch

    inputs = torch.from_numpy(np.ascontiguousarray(standard, dtype=np.float32))
    truth = torch.from_numpy(labels.astype(np.float32))
    right, wrong, share = (torch.from_numpy(one) for one in _pairs(labels, sizes))
    weights = torch.zeros(inputs.shape[1], requires_grad=True)
    bias = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        logits = inputs @ weights + bias
        each = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
        pairs = (share * torch.nn.functional.softplus(logits[wrong] - logits[right])).sum()
        total = strength * (pointwise * each + pairwise * pairs) + 0.5 * (weights @ weights)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return np.asarray(weights.detach().numpy(), dtype=np.float64)


def _pairs(labels: I64, sizes: Sequence[int]) -> tuple[I64, I64, NDArray[np.float32]]:
    """Places of the right and the wrong row of every pair within a group, and the pair's weight."""
    right, wrong, share = [], [], []
    start = 0
    for size in sizes:
        places = np.arange(start, start + size)
        ones, zeros = places[labels[places] == 1], places[labels[places] == 0]
        for one in ones:
            right += [one] * len(zeros)
            wrong += zeros.tolist()
        share += [size / max(1, len(ones) * len(zeros))] * (len(ones) * len(zeros))
        start += size
    return (
        np.array(right, dtype=np.int64),
        np.array(wrong, dtype=np.int64),
        np.array(share, dtype=np.float32),
    )


def _figures(
    inputs: Inputs,
    means: NDArray[np.floating],
    labels: I64,
    places: Sequence[int] | None = None,
) -> dict[str, Figure]:
    first = regression(means, labels, inputs.recipe.states_strength)
    on = range(len(inputs.known)) if places is None else places
    scores = first.logits(inputs.states[np.array(on, dtype=np.int64)])
    return figures_of([inputs.known[at] for at in on], scores, resamples=inputs.resamples)


def _thinned(group: Group, per_label: int) -> list[int]:
    """The first `per_label` places of each label in `group`."""
    taken: dict[int, list[int]] = {0: [], 1: []}
    for place, label in enumerate(group.labels):
        taken[label].append(place)
    return sorted([*taken[0][:per_label], *taken[1][:per_label]])


def _shuffled(tasks: set[str]) -> list[str]:
    names = sorted(tasks)
    return [names[int(place)] for place in np.random.default_rng(0).permutation(len(names))]

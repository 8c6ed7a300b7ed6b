"""What `gavel train --epochs` adds: the model's upper layers are tuned. It acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.problems import WrongUse

if TYPE_CHECKING:
    from rich.progress import Progress

    from judge.head import Linear
    from judge.model import Backbone
    from judge.train.data import DataRow
    from judge.train.fitting import Learnt
    from judge.train.groups import Grouping
    from judge.tuned import Updates

Rows = Sequence[Sequence["DataRow"]]  # of each file


@dataclass(frozen=True, slots=True)
class Start:
    """What tuning goes on from: a head's first regression, and the updates that it reads."""

    readout: Linear | None = None
    updates: Updates | None = None


def start_of(onto: Path | None, *, model: str, epochs: int) -> Start:
    """The start that the adapter in `onto` gives, which is an empty one where there is none.

    Raises WrongUse for a folder that holds no head, or without a pass to go on with.
    """
    from judge import adapter as adapters
    from judge.registry import lookup

    if onto is None:
        return Start()
    if not epochs:
        raise WrongUse("--onto needs --epochs: the tuning goes on from there")
    try:
        held = adapters.load(onto, model_sha256=lookup(model).sha256)
    except (OSError, adapters.AdapterError) as error:
        raise WrongUse(f"--onto {onto}: {error}") from error
    if held.head is None:
        raise WrongUse(f"--onto {onto}: it holds no head: take a folder that `gavel train` wrote")
    return Start(held.head.states, held.updates)


def beside(learnt: Rows, variants: Rows, *, varied: int, epochs: int) -> list[list[DataRow]]:
    """What is tuned on beside `learnt`: wrong variants of its rows, and tasks in other words.

    Raises WrongUse where nothing is tuned.
    """
    from judge.train import varied as words

    if (variants or varied) and not epochs:
        raise WrongUse("--variants and --varied need --epochs: they are for tuning")
    known = [row for part in learnt for row in part]
    found = [words.beside_originals(part, known) for part in variants]
    if varied:
        found += [words.varied(part, tasks=varied) for part in [*learnt, *found]]
    return found


def tuner(
    parts: Rows,
    held_out: Rows,
    *,
    grouping: Grouping,
    home: Path,
    epochs: int,
    start: Start,
    work: Path,
    progress: Progress,
) -> Callable[[Backbone, Linear], Learnt] | None:
    """Tunes on `parts` in `epochs` passes from what a first regression knows."""
    from judge.train.curve import draw
    from judge.train.loop import Schedule
    from judge.train.tuning import Tuning, tune_on

    if not epochs:
        return None
    bar = progress.add_task("tuning", total=None)
    advance: Callable[[object], None] = lambda step: progress.update(bar, advance=1)  # noqa: E731

    def tuned(backbone: Backbone, readout: Linear) -> Learnt:
        learnt = tune_on(
            parts,
            held_out,
            backbone,
            readout,
            tuning=Tuning(begin=start.updates),
            grouping=grouping,
            schedule=Schedule(epochs=epochs),
            states=home / "states",
            folder=work,
            started=lambda groups: progress.update(bar, total=groups),
            progress=advance,
        )
        draw(work / "steps.jsonl", work / "curve.png")
        return learnt

    return tuned

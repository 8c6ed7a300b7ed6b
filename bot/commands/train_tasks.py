"""What `gavel train --tasks` adds: rows of a folder's own tasks, before and after. It acts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.data_words import show_progress
from bot.problems import CouldNotJudge, WrongUse

if TYPE_CHECKING:
    from judge.evaluate.intervals import Figure
    from judge.train.data import DataRow
    from judge.train.fitting import Trained

LEAST_TASKS = 10  # of a folder: half of them are cut into the five folds that calibrate


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Rows of a folder's tasks: to fit on, and of other tasks to calibrate and measure on."""

    learnt: list[DataRow]
    held_out: list[DataRow]


def own_rows(folder: Path, work: Path) -> OwnRows:
    """The rows of `folder`, labelled by its tests; what is done is kept in `work`.

    Raises WrongUse, and CouldNotJudge where this machine has no sandbox.
    """
    from judge.train.done import OtherInputs
    from judge.train.sandbox import SandboxUnavailable
    from judge.train.suite import BadTasks
    from judge.train.suite_rows import rows_of, split

    try:
        found = rows_of(folder, work=work, progress=show_progress("tasks labelled"))
    except (BadTasks, OtherInputs) as refusal:
        raise WrongUse(f"{folder}: {refusal}") from refusal
    except OSError as refusal:
        raise WrongUse(f"{refusal.filename or folder}: {refusal.strerror}") from refusal
    except SandboxUnavailable as refusal:
        raise CouldNotJudge(str(refusal)) from refusal
    for task, why in found.left_out.items():
        sys.stderr.write(f"left out: {task}: {why}\n")
    if len({row.task_id for row in found.rows}) < LEAST_TASKS:
        raise WrongUse(
            f"{folder}: {len({row.task_id for row in found.rows})} tasks have right and wrong "
            f"candidates: at least {LEAST_TASKS} are needed to fit and to measure"
        )
    return OwnRows(*split(found.rows))


def adaptation(held_out: list[DataRow], trained: Trained, *, model: str, home: Path) -> str:
    """A sentence with the AUC before and after, on the tasks held out."""
    from judge.train.adaptation import before_and_after

    found = before_and_after(held_out, trained, model=model, home=home)
    return (
        f"AUC on {found.tasks} tasks that it did not learn from: before {_told(found.before)}, "
        f"after {_told(found.after)}, difference {_told(found.above)}; n = {found.after.n}"
    )


def _told(one: Figure) -> str:
    if one.value is None:
        return f"not known ({one.reason})"
    if one.low is None or one.high is None:
        return f"{one.value:.3f}"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"

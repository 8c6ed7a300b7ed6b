"""The experiments of `gavel study run`: each on the rows that its entry names. They act."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.data_words import show_progress
from bot.commands.wiring import worker_settings

if TYPE_CHECKING:
    from judge.study.experiments_config import ExperimentEntry
    from judge.study.experiments_inputs import Inputs
    from judge.train.data import DataRow


def run_experiments(text: str, beside: Path, out: Path, limit: int | None) -> None:
    """Run the [[experiments]] of the configuration `text`, whose files lie in `beside`.

    limit  tasks of each file at most

    One that cannot be measured here is named with the reason. Raises BadConfig, BadAnswers.
    """
    from judge.adapter import AdapterError
    from judge.registry import ModelMissing, UnknownModel
    from judge.study.experiments import run_experiment
    from judge.study.experiments_config import experiments_of
    from judge.train.forbidden import ForbiddenRow
    from judge.train.sandbox import SandboxUnavailable
    from judge.train.tasks import BadRow

    cannot = (AdapterError, ModelMissing, UnknownModel, SandboxUnavailable, BadRow, ForbiddenRow)
    for entry in experiments_of(text):
        try:
            inputs = inputs_of(entry, beside, out, limit)
            shown = show_progress(f"lines of the experiment {entry.name}")
            run_experiment(entry, inputs, out, progress=shown)
            sys.stderr.write(f"experiment {entry.name}: done\n")
        except FileNotFoundError as error:
            why = f"there is no {error.filename}"
            sys.stderr.write(f"experiment {entry.name}: not measured here: {why}\n")
        except cannot as error:
            sys.stderr.write(f"experiment {entry.name}: not measured here: {error}\n")


def inputs_of(entry: ExperimentEntry, beside: Path, out: Path, limit: int | None) -> Inputs:
    """What `entry` is run on. Raises OSError, BadRow and ForbiddenRow."""
    from judge.study.experiments_inputs import Inputs
    from judge.train import fitting
    from judge.train.data import read_data
    from judge.train.tasks import read_tasks
    from judge.train.toolchains import find_toolchains

    files = [beside / file for file in (*entry.train, *entry.held_out)]
    digest = hashlib.sha256(repr((entry, limit)).encode())
    for file in files:
        digest.update(file.read_bytes())
    known = [most for most in (entry.tasks, limit) if most is not None]
    read = {file: _first(list(read_data(file)), min(known, default=None)) for file in files}
    held_out = [
        row
        for file in entry.held_out
        for row in fitting.sample(read[beside / file], entry.per_task)
    ]
    return Inputs(
        hash=digest.hexdigest()[:16],
        train=[read[beside / file] for file in entry.train],
        held_out=held_out,
        home=worker_settings().home.expanduser(),
        model=entry.model,
        work=out / "experiments" / "work",
        tasks=read_tasks(beside / entry.tests) if entry.tests else {},
        tools=find_toolchains(lodash=beside / entry.lodash if entry.lodash else None),
    )


def _first(rows: Sequence[DataRow], limit: int | None) -> list[DataRow]:
    """The rows of the first `limit` tasks, in an order by hash; all where there is no limit."""
    names = sorted(
        {row.task_id for row in rows}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    kept = set(names[:limit])
    return [row for row in rows if row.task_id in kept]

"""Train the judges that a study trains itself, keep them, and let them answer. Acts: model, files.

What was trained lies under GAVEL_HOME in a folder named by everything that it depends on: rows,
model and settings. A training that was cut off goes on there, one that is done is only read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from judge.study.answers import Answer, NotMeasured
from judge.study.pool import Candidate
from judge.study.timing import Task, timed
from judge.study.trained_entry import TrainedEntry
from judge.train.data import DataRow, read_data
from judge.train.forbidden import ForbiddenRow
from judge.train.rankef import PLAIN, RANKEF, Weights
from judge.train.tasks import BadRow, number_of

WEIGHTS: Mapping[str, Weights] = {"plain": PLAIN, "rankef": RANKEF}
FORMAT = 1
Score = Callable[[Task], list[tuple[float, int] | None]]  # logit and tokens, or not readable
Show = Callable[[str], Callable[[int, int], None]]  # what is counted -> (done, in all)


def quiet(things: str) -> Callable[[int, int], None]:
    """A `Show` that shows nothing."""
    return lambda done, total: None


@dataclass(frozen=True)
class Trained:
    """Judges that were trained on the same rows.

    scores   from the tasks's candidates to what each objective's judge says of them
    learnt   names of the tasks that they were trained on: of those they may not speak
    """

    entry: TrainedEntry
    identity: str
    scores: Callable[[Task], Mapping[str, list[tuple[float, int] | None]]]
    learnt: frozenset[str]

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """An answer for each candidate. Raises NotMeasured where it was trained on the task."""
        if task and number_of(task[0].task_id) in self.learnt:
            raise NotMeasured(f"it was trained on {task[0].task_id}, which the data set holds")
        return timed(task, lambda: self._answers(task))

    def _answers(self, task: Task) -> dict[str, list[Answer]]:
        return {
            f"{self.entry.name}-{objective}": [
                _answer(one, told) for one, told in zip(task, said, strict=True)
            ]
            for objective, said in self.scores(task).items()
        }


def rows_of(entry: TrainedEntry) -> list[DataRow]:
    """The rows to train on: all of the first `limit` tasks, in an order that only they give.

    Raises NotMeasured where a file is not here or holds no row.
    """
    rows: list[DataRow] = []
    for file in entry.train:
        try:
            rows += read_data(Path(file))
        except FileNotFoundError:
            raise NotMeasured(f"its training rows are not here: {Path(file).name}") from None
        except (BadRow, ForbiddenRow) as refusal:
            raise NotMeasured(f"its training rows cannot be used: {refusal}") from None
    tasks = sorted({number_of(row.task_id) for row in rows}, key=_digest)[: entry.limit]
    chosen = set(tasks)
    rows = [row for row in rows if number_of(row.task_id) in chosen]
    if len({row.label for row in rows}) < 2:
        raise NotMeasured("its training rows are not of both labels")
    if "rankef" in entry.objectives and not any(row.outcome for row in rows):
        raise NotMeasured("its training rows have no outcome, which is the feedback")
    return rows


def folder_of(home: Path, entry: TrainedEntry, rows: Sequence[DataRow], weights: str) -> Path:
    """Where what `entry` trains on `rows` is kept; `weights` tells the model's from others."""
    told = {name: value for name, value in asdict(entry).items() if name not in _NOT_TRAINED}
    of_rows = [[row.id, row.label, row.outcome] for row in rows]
    digest = _digest(json.dumps([FORMAT, told, weights, of_rows], sort_keys=True))
    return home / "study" / f"{entry.name}-{digest[:16]}"


_NOT_TRAINED = ("name", "train", "objectives")  # fields that change nothing about a judge


def _answer(candidate: Candidate, told: tuple[float, int] | None) -> Answer:
    if told is None:
        return Answer(candidate.id, 0.0, abstained=True, tokens=0)
    return Answer(candidate.id, told[0], tokens=told[1])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

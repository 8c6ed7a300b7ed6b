"""Which rows `gavel evaluate` measures, and what judges and people say of them. Acts: reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bot import rows, scoring
from bot.commands.score import progress
from bot.problems import WrongUse
from bot.rows import Row
from judge.types import Example, Verdict
from worker.escape import plain

if TYPE_CHECKING:
    from judge.evaluate.report import Evaluated

MAX_NAME = 80  # characters of a language or a writer in the report


class Judges(Protocol):
    """Several methods on one model, which read an example once."""

    def judge_all(self, examples: Sequence[Example]) -> dict[str, list[Verdict]]:
        """Method -> one verdict per example, in order."""
        ...


def read_labelled(source: str, kind: str = "", *, with_history: bool = True) -> list[Row]:
    """The rows of `source`, each with a label of 0 or 1; of one `kind`, or all. Raises WrongUse."""
    found = [row for row in rows.read(source) if not kind or row.get("kind") == kind]
    if not with_history:
        found = [{**row, "history": None} for row in found]
    if not found:
        raise WrongUse(f"there are no rows {f'of kind {kind!r} ' if kind else ''}to evaluate")
    for number, row in enumerate(found, start=1):
        label = row.get("label")
        if label not in (0, 1) or isinstance(label, bool):
            said = "no label" if "label" not in row else "a label that is neither 0 nor 1"
            raise WrongUse(f"row {number} has {said}: expected 1 (correct) or 0 (wrong) in each")
    return found


def in_range(number: int, row: Row) -> Row:
    """`row`, whose scores can be counted with. Raises WrongUse with its number."""
    p, logit = row["p_correct"], row["logit"]
    if not isinstance(p, int | float) or not 0 <= p <= 1:
        raise WrongUse(f"row {number} has a p_correct of {p}: expected a number from 0 to 1")
    if not isinstance(logit, int | float) or not -1e300 < logit < 1e300:
        raise WrongUse(f"row {number} has a logit that is out of range")
    return row


def score_by_all(labelled: Sequence[Row], judges: Judges) -> dict[str, list[Row]]:
    """Method -> the rows with its verdicts; every row is read once, whatever the methods."""
    told: dict[str, list[Row]] = {}

    def answers() -> Iterator[Row]:
        for start in range(0, len(labelled), scoring.BATCH):
            part = labelled[start : start + scoring.BATCH]
            for method, answered in _answered(part, judges).items():
                told.setdefault(method, []).extend(answered)
            yield from part

    for _ in progress(answers(), total=len(labelled)):
        pass
    return told


def _answered(part: Sequence[Row], judges: Judges) -> dict[str, list[Row]]:
    """Method -> `part` with its verdicts; a row that cannot be asked is an abstention."""
    posed = [scoring.example_of(row) for row in part]
    asked = [scoring.NOTHING if isinstance(one, str) else one for one in posed]
    return {
        method: [
            scoring.with_verdict(
                row, replace(said, abstained=True, reason=one) if isinstance(one, str) else said
            )
            for row, one, said in zip(part, posed, verdicts, strict=True)
        ]
        for method, verdicts in judges.judge_all(asked).items()
    }


def evaluated(
    scored: Sequence[Row], untrained: Mapping[str, Sequence[Row]], threshold: float
) -> Evaluated:
    """What is measured: rows with labels and verdicts, and the logits of untrained methods."""
    import numpy as np

    from judge.evaluate.baselines import Texts
    from judge.evaluate.report import Evaluated
    from judge.evaluate.sample import Told
    from worker.repo_config import DEFAULT_RULES

    def column(of: Sequence[Row], field: str) -> list[float]:
        return [float(str(row[field])) for row in of]

    task_ids = [row.get("task_id") for row in scored]
    return Evaluated(
        texts=Texts(
            code=[text_of(row, "code") for row in scored],
            diffs=[text_of(row, "diff") for row in scored],
            labels=np.array(column(scored, "label"), dtype=np.int64),
            tasks=[_fold_key(index, task) for index, task in enumerate(task_ids)],
        ),
        task_ids=task_ids,
        languages=[plain(text_of(row, "language"), limit=MAX_NAME) for row in scored],
        writers=[plain(text_of(row, "generator"), limit=MAX_NAME) for row in scored],
        told=Told.of_verdicts(
            np.array(column(scored, "p_correct")),
            np.array(column(scored, "logit")),
            np.array([row.get("abstained") is True for row in scored]),
        ),
        untrained={method: np.array(column(of, "logit")) for method, of in untrained.items()},
        threshold=threshold,
        comment_threshold=DEFAULT_RULES.threshold,
    )


def _fold_key(index: int, task: object) -> str:
    """What rows share that must not be in different folds: a task, in whatever language."""
    from judge.train.tasks import number_of

    if task is None:
        return f"row {index}"
    return number_of(task) if isinstance(task, str) else repr(task)


def text_of(row: Row, field: str) -> str:
    """The text in a field of `row`, or "" where there is none."""
    value = row.get(field)
    return value if isinstance(value, str) else ""

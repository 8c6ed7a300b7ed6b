"""Act: make labelled rows of a folder of tasks: solutions, answers, edits of both, by its tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train.data import DataRow, unformatted
from judge.train.done import Done
from judge.train.suite import Suite, SuiteTask, indented_as, shown_code
from judge.train.suite_label import SuiteBox, read_answers, read_suite
from judge.train.suite_mutate import edits, words_of

EDITS = 12  # of the solutions of a task, in even shares
Progress = Callable[[int, int], None]
MUTATED = "mutation"


@dataclass(frozen=True, slots=True)
class SuiteRows:
    """Rows of both labels, and the tasks that gave none, each with one clause that says why."""

    rows: tuple[DataRow, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def rows_of(
    folder: Path, *, work: Path, per_task: int = EDITS, progress: Progress = lambda d, t: None
) -> SuiteRows:
    """The rows of `folder`, each labelled by running the tests in a sandbox.

    work      folder that keeps what was labelled; a run that was cut off goes on there
    per_task  edits of the solutions of a task

    Raises BadTasks, OtherInputs, SandboxUnavailable and OSError.
    """
    suite, answers = read_suite(folder), read_answers(folder)
    words = words_of([code for task in suite.tasks for code in task.solutions])
    work.mkdir(parents=True, exist_ok=True)
    done = Done(work / "labels.jsonl", {folder.name: _identity(suite, answers, per_task)})
    with SuiteBox(suite) as box:
        for count, task in enumerate(suite.tasks, start=1):
            if task.id not in done.rows:
                posed = _candidates(task, suite.language, answers, words, per_task)
                done.add(task.id, [_labelled(box, task, *one) for one in posed])
            progress(count, len(suite.tasks))
    rows: list[DataRow] = []
    left_out: dict[str, str] = {}
    for task in suite.tasks:
        found = done.rows[task.id]
        if why := _refused(found):
            left_out[task.id] = why
        else:
            rows += [_row(folder.name, suite, task, one) for one in found]
    return SuiteRows(tuple(rows), left_out)


def split(rows: Sequence[DataRow]) -> tuple[list[DataRow], list[DataRow]]:
    """Rows to fit on, and rows of other tasks to weigh, calibrate and measure on: half of each."""
    tasks = sorted({row.task_id for row in rows}, key=lambda task: _digest(f"split {task}"))
    held = set(tasks[::2])
    return (
        [row for row in rows if row.task_id not in held],
        [row for row in rows if row.task_id in held],
    )


def _candidates(
    task: SuiteTask,
    language: str,
    answers: Mapping[str, Sequence[tuple[str, str]]],
    words: Sequence[str],
    per_task: int,
) -> list[tuple[str, str]]:
    """(code, writer) of each candidate, each code once: solutions, answers, edits of solutions."""
    known = [(shown_code(code), "") for code in task.solutions]
    known += [(shown_code(code), writer) for code, writer in answers.get(task.id, ())]
    known += [
        (code, MUTATED)
        for solution in task.solutions
        for code in edits(
            shown_code(solution),
            language,
            words=words,
            seed=task.id,
            at_most=-(-per_task // len(task.solutions)),
        )
    ]
    kept: dict[str, tuple[str, str]] = {}
    for code, writer in known:
        if code.strip():
            kept.setdefault(unformatted(code), (code, writer))
    return list(kept.values())


def _labelled(box: SuiteBox, task: SuiteTask, code: str, writer: str) -> dict[str, object]:
    original = task.solutions[0] if task.solutions else code
    program = indented_as(code, original) if task.before or task.after else code
    return {"code": code, "generator": writer, "label": int(box.passes(task, program))}


def _refused(found: Sequence[Mapping[str, object]]) -> str:
    solutions = [one["label"] for one in found if not one["generator"]]
    if solutions and not all(solutions):
        return "its own solution fails the tests"
    labels = {one["label"] for one in found}
    if labels == {1}:
        return "no candidate fails: the tests do not reach it"
    return "no candidate passes" if labels == {0} else ""


def _row(source: str, suite: Suite, task: SuiteTask, one: Mapping[str, object]) -> DataRow:
    told = f"{source}\0{task.id}\0{one['code']}"
    return DataRow(
        id=hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        task_id=f"{source}/{task.id}",
        source=source,
        language=suite.language,
        prompt=task.prompt,
        code=str(one["code"]),
        label=int(str(one["label"])),
        generator=str(one["generator"]),
        label_from="tests",
        license=suite.license,
    )


def _identity(suite: Suite, answers: Mapping[str, object], per_task: int) -> str:
    told = (suite, sorted(answers.items()), per_task)
    ends = any(test.stdout is None for task in suite.tasks for test in task.tests)
    return _digest(repr((told, "ends") if ends else told))  # labels without proof of an end are old


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

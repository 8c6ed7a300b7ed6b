"""Act: read answers that any model wrote, and write them as candidates for `gavel data label`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge.train import forbidden
from judge.train.data import unformatted
from judge.train.imports import Unusable, answers_of, body_of_answer, task_of
from judge.train.manifest import digest, write_jsonl, write_manifest
from judge.train.programs import code_of
from judge.train.tasks import Task, read_rows, read_tasks


@dataclass(frozen=True, slots=True)
class Origin:
    """What is said of answers whose rows do not say it themselves.

    generator    the model that wrote them, where a row has no `generator` or `model`
    field        where a row holds its answer or answers, or None for the usual names
    temperature  where a row has no `temperature`
    """

    generator: str
    language: str = "python"
    field: str | None = None
    temperature: float = 0.0


@dataclass(slots=True)
class Imported:
    """What became of a file's answers: candidates written, their tasks, and what was left out."""

    rows: int = 0
    tasks: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def import_file(answers: Path, tasks: Path, out: Path, *, origin: Origin) -> Imported:
    """Write the usable answers of `answers` to `out` as candidates, with a manifest.

    answers  JSON lines: `task_id`, and an answer or a list of answers
    Raises BadRow, ForbiddenRow and OSError.
    """
    known = {(task.key, task.language): task for task in read_tasks(tasks).values()}
    found = Imported()
    rows = list(_candidates(answers, known, origin, found))
    found.tasks = len({str(row["task_id"]) for row in rows})
    found.rows = write_jsonl(out, rows)
    told = {"rows": found.rows, "tasks": found.tasks, "left_out": dict(found.left_out)}
    write_manifest(out, sources={answers.name: digest(answers)}, told=told)
    return found


def _candidates(
    answers: Path, known: Mapping[tuple[str, str], Task], origin: Origin, found: Imported
) -> Iterator[dict[str, object]]:
    seen: set[tuple[str, str]] = set()
    for row in forbidden.refuse(read_rows(answers)):
        task = task_of(row, known, origin.language)
        texts = answers_of(row, origin.field)
        if task is None or not texts:
            found.left_out["of no known task" if texts else "without an answer"] += 1
            continue
        for text in texts:
            body = body_of_answer(text, task)
            if isinstance(body, Unusable):
                found.left_out[body.why] += 1
                continue
            key = (task.task_id, unformatted(code_of(task.prompt, body, task.language)))
            if key in seen:
                found.left_out["repeated"] += 1
                continue
            seen.add(key)
            yield _candidate(row, task, body, origin)


def _candidate(
    row: Mapping[str, object], task: Task, body: str, origin: Origin
) -> dict[str, object]:
    temperature = row.get("temperature")
    return {
        "task_id": task.task_id,
        "language": task.language,
        "generator": str(row.get("generator") or row.get("model") or origin.generator),
        "temperature": temperature if isinstance(temperature, int | float) else origin.temperature,
        "style": "plain",
        "body": body,
    }

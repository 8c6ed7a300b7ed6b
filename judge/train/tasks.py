"""Read tasks with tests and the candidates that models wrote for them. Acts on files only."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_NUMBER = re.compile(r"^(?:MB[A-Z]+/|mbpp_)(\d+)", re.IGNORECASE)


class BadRow(ValueError):
    """A row of a data file lacks a field or has one of the wrong type."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task with tests. A program is `prompt + body + test`.

    description  what the code must do, in one or two sentences, without examples
    solution     a body that is meant to pass, or None
    """

    task_id: str
    source: str
    language: str
    prompt: str
    description: str
    entry_point: str
    test: str
    solution: str | None
    license: str

    @property
    def key(self) -> str:
        """What the same task in other languages shares: see `number_of`."""
        return number_of(self.task_id)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body that a model wrote for a task.

    index  position of its row in the file, from 0
    style  "examples" or "plain": whether the model saw the examples
    """

    index: int
    task_id: str
    language: str
    generator: str
    temperature: float
    style: str
    body: str


def number_of(task_id: str) -> str:
    """The name that a task keeps across languages: MBPP/17, MBJP/17 and mbpp_17_x give mbpp/17.

    Any other id is its own name, in lower case.
    """
    match = _NUMBER.match(task_id)
    return f"mbpp/{int(match.group(1))}" if match else task_id.lower()


def read_rows(path: Path) -> Iterator[Mapping[str, object]]:
    """The JSON objects of a JSON lines file, gzipped if its name ends in .gz.

    Raises BadRow with the line number, and OSError.
    """
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadRow(f"{path.name}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise BadRow(f"{path.name}:{number}: expected a JSON object")
            yield row


def task_files(path: Path) -> list[Path]:
    """The file at `path`, or every .jsonl and .jsonl.gz file of a folder."""
    return sorted(path.glob("*.jsonl*")) if path.is_dir() else [path]


def read_tasks(path: Path) -> dict[str, Task]:
    """The tasks of a file by id, or of every .jsonl and .jsonl.gz file of a folder."""
    tasks: dict[str, Task] = {}
    for file in task_files(path):
        for row in read_rows(file):
            task = _task(row, file.name)
            tasks[task.task_id] = task
    return tasks


def _task(row: Mapping[str, object], file: str) -> Task:
    names = ("task_id", "source", "language", "prompt", "description", "entry_point", "test")
    solution = row.get("solution")
    return Task(
        **{name: text(row, name, file) for name in names},
        solution=solution if isinstance(solution, str) else None,
        license=text(row, "license", file),
    )


def read_candidates(path: Path) -> list[Candidate]:
    """The candidates of a file, in its order."""
    return [_candidate(index, row, path.name) for index, row in enumerate(read_rows(path))]


def _candidate(index: int, row: Mapping[str, object], file: str) -> Candidate:
    temperature = row.get("temperature", 0.0)
    if not isinstance(temperature, (int, float)):
        raise BadRow(f"{file}: row {index}: temperature: expected a number")
    return Candidate(
        index=index,
        task_id=text(row, "task_id", file),
        language=text(row, "language", file),
        generator=text(row, "generator", file),
        temperature=float(temperature),
        style=text(row, "style", file),
        body=text(row, "body", file),
    )


def text(row: Mapping[str, object], name: str, file: str) -> str:
    """The string `name` of a row. Raises BadRow naming the file and the field."""
    value = row.get(name)
    if not isinstance(value, str):
        where = row.get("task_id", "a row")
        raise BadRow(f"{file}: {where}: {name}: expected a string, got {type(value).__name__}")
    return value

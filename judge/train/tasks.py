"""Read tasks with tests and the candidates that models wrote for them. Acts on files only."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_GZIP = b"\x1f\x8b"
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
    """The JSON objects of a JSON lines file in UTF-8; see `numbered_rows`."""
    return (row for _, row in numbered_rows(path))


def numbered_rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The JSON objects of a JSON lines file, each with the number of its line, from 1.

    Compressed input is told by its first bytes, blank lines are passed over. Raises BadRow with
    the line number, and OSError.
    """
    with path.open("rb") as file:
        is_packed = file.peek(2)[:2] == _GZIP
        lines = gzip.GzipFile(fileobj=file) if is_packed else file
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(line, f"{path.name}:{number}")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise BadRow(f"{path.name}: its gzip data is damaged or cut short") from None


def _object(line: bytes, where: str) -> Mapping[str, object]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadRow(f"{where}: not UTF-8 at byte {error.start + 1}") from None
    except ValueError as error:
        raise BadRow(f"{where}: not JSON: {error}") from None
    except RecursionError:
        raise BadRow(f"{where}: nested too deeply to be read") from None
    if not isinstance(row, dict):
        raise BadRow(f"{where}: expected a JSON object")
    return row


def task_files(path: Path) -> list[Path]:
    """The file at `path`, or every .jsonl and .jsonl.gz file of a folder. Raises BadRow."""
    if not path.is_dir():
        return [path]
    found = sorted(one for end in ("*.jsonl", "*.jsonl.gz") for one in path.glob(end))
    if not found:
        raise BadRow(f"{path} holds no file of tasks, whose name ends in .jsonl or .jsonl.gz")
    return found


def read_tasks(path: Path) -> dict[str, Task]:
    """The tasks of a file by id, or of every .jsonl and .jsonl.gz file of a folder.

    Raises BadRow and OSError.
    """
    tasks: dict[str, Task] = {}
    for file in task_files(path):
        for number, row in numbered_rows(file):
            task = _task(row, f"{file.name}:{number}")
            if tasks.setdefault(task.task_id, task) != task:
                raise BadRow(f"{file.name}:{number}: {task.task_id}: another task has this id")
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
    return [
        _candidate(index, row, f"{path.name}:{number}")
        for index, (number, row) in enumerate(numbered_rows(path))
    ]


def _candidate(index: int, row: Mapping[str, object], file: str) -> Candidate:
    temperature = row.get("temperature", 0.0)
    if not isinstance(temperature, (int, float)):
        raise BadRow(f"{file}: temperature: expected a number")
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
    """The string `name` of a row. Raises BadRow naming the file, or its line, and the field."""
    value = row.get(name)
    if not isinstance(value, str):
        where = str(row.get("task_id", "a row"))[:80]
        got = "none" if value is None else type(value).__name__
        raise BadRow(f"{file}: {where}: {name}: expected a string, got {got}")
    return value

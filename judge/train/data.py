"""Decide how labelled candidates become data rows, and read those. Acts on files only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from judge.train import forbidden
from judge.train.forbidden_code import refusal_of_code
from judge.train.manifest import write_jsonl
from judge.train.programs import code_of, signature_of
from judge.train.tasks import BadRow, Candidate, Task, numbered_rows, text

LABEL_FROM = ("tests", "fix-commit", "mutation", "feedback")


class Style(Enum):
    """How a prompt tells what the code must do.

    EXAMPLES     signature, with a docstring that shows the tests
    DOCSTRING    signature, with a docstring without examples
    DESCRIPTION  the description, then the signature
    """

    EXAMPLES = "examples"
    DOCSTRING = "docstring"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class DataRow:
    """One piece of code with its label: 1 correct, 0 wrong.

    prompt      what the code is meant to do, or ""
    code        the whole function, with its signature
    generator   the model that wrote it, or "" for people
    label_from  one of LABEL_FROM
    outcome     what became of it when its tests were run, as `gavel data label` names it, or ""
    """

    id: str
    task_id: str
    source: str
    language: str
    prompt: str
    code: str
    label: int
    generator: str
    label_from: str
    license: str
    outcome: str = ""

    def __post_init__(self) -> None:
        if self.label not in (0, 1):
            raise ValueError(f"row {self.id}: label is {self.label}: expected 0 or 1")
        if self.label_from not in LABEL_FROM:
            raise ValueError(f"row {self.id}: label_from {self.label_from!r}: not in {LABEL_FROM}")


def read_data(path: Path) -> Iterator[DataRow]:
    """The rows of a data file. Raises BadRow, ForbiddenRow and OSError."""
    names = [name for name in DataRow.__dataclass_fields__ if name not in ("label", "outcome")]
    for number, row in numbered_rows(path):
        where = f"{path.name}:{number}"
        forbidden.must_be_allowed(row, where)
        label = row.get("label")
        if label not in (0, 1) or isinstance(label, bool):
            raise BadRow(f"{where}: {row.get('id')}: label: expected 0 or 1, got {label!r:.40}")
        told = {name: text(row, name, where) for name in names}
        if told["label_from"] not in LABEL_FROM:
            raise BadRow(f"{where}: label_from: expected one of {', '.join(LABEL_FROM)}")
        yield DataRow(**told, label=int(label == 1), outcome=str(row.get("outcome") or ""))


def write_data(path: Path, rows: Iterable[DataRow]) -> int:
    """Write `rows` as JSON lines, gzipped if the name ends in .gz; how many there were."""
    return write_jsonl(path, map(asdict, rows))


def build_rows(
    tasks: Mapping[str, Task],
    candidates: Sequence[Candidate],
    labels: Iterable[Mapping[str, object]],
    *,
    styles: Sequence[Style] = tuple(Style),
    left_out: list[str] | None = None,
) -> Iterator[DataRow]:
    """A row for every candidate whose label is known, without repeats of the same code.

    labels  rows of `gavel data label`: `index` points into `candidates`
    styles  the prompt's style is one of these, by a hash of the candidate, so evenly. The same
            input always gives the same rows.

    left_out  gets a sentence for each row that is refused; None raises ForbiddenRow instead
    """
    seen: set[tuple[str, str]] = set()
    for number, found in enumerate(labels, 1):
        label = found.get("label")
        candidate = _labelled(found, candidates, tasks, f"row {number} of the labels")
        if label is None:
            continue
        outcome = str(found.get("outcome") or "")
        row = _row(tasks[candidate.task_id], candidate, int(str(label)), outcome, styles)
        if why := forbidden.refusal(asdict(row)) or refusal_of_code(row.code):
            if left_out is None:
                raise forbidden.ForbiddenRow(f"{row.task_id}: {why}: take the task out")
            left_out.append(f"{row.task_id}: {why}")
            continue
        key = (row.task_id, unformatted(row.code))
        if key not in seen:
            seen.add(key)
            yield row


def _labelled(
    found: Mapping[str, object],
    candidates: Sequence[Candidate],
    tasks: Mapping[str, Task],
    where: str,
) -> Candidate:
    """The candidate that a row of labels is of. Raises BadRow."""
    index, label = found.get("index"), found.get("label")
    if "label" not in found or not (label is None or (type(label) is int and label in (0, 1))):
        raise BadRow(f"{where}: label: expected 0, 1 or null, as `gavel data label` writes")
    if type(index) is not int or not 0 <= index < len(candidates):
        raise BadRow(f"{where}: index: expected the place of a candidate: label them again")
    candidate = candidates[index]
    if candidate.task_id != found.get("task_id"):
        raise BadRow(f"{where} is of other candidates: label them again")
    if candidate.task_id not in tasks:
        raise BadRow(f"{candidate.task_id} is no known task: give the file of its tasks")
    return candidate


def unformatted(code: str) -> str:
    """`code` without empty lines and without blanks inside lines; indentation can mean much."""
    lines = [line for line in code.splitlines() if line.strip()]
    margins = (line[: len(line) - len(line.lstrip())] for line in lines)
    return "\n".join(m + "".join(line.split()) for m, line in zip(margins, lines, strict=True))


def prompt_of(task: Task, style: Style) -> str:
    """What `task` asks for, told in `style`."""
    if style is Style.EXAMPLES:
        return task.prompt.strip("\n")
    signature = signature_of(task.prompt, task.language)
    if style is Style.DESCRIPTION:
        return f"{task.description}\n\n{signature}"
    if task.language == "python":
        return f'{signature}\n    """{task.description}"""'
    return f"/**\n * {task.description}\n */\n{signature}"


def _row(
    task: Task, candidate: Candidate, label: int, outcome: str, styles: Sequence[Style]
) -> DataRow:
    code = code_of(task.prompt, candidate.body, task.language)
    origin = f"{task.task_id}\0{candidate.generator}\0{candidate.temperature}\0{code}"
    digest = hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()
    return DataRow(
        id=digest[:16],
        task_id=task.task_id,
        source=task.source,
        language=task.language,
        prompt=prompt_of(task, styles[int(digest[16:24], 16) % len(styles)]),
        code=code,
        label=label,
        generator=candidate.generator,
        label_from="tests",
        license=task.license,
        outcome=outcome,
    )

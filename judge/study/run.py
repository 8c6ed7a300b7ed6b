"""Let the systems of a study judge one pool, and keep every answer at once. Acts: files.

A folder holds `study.json` (what is measured), and for each data set a folder with `pool.jsonl`
(the candidates' labels, without their code) and one file of answers for each system. A run that
was cut off goes on where it was: what is lost is the task in flight.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from judge.study.answers import Answer, BadAnswers, check_head, head_line, line_of, read_lines
from judge.study.pool import Candidate, Pool
from judge.study.record import Record, record_of, text_of
from judge.study.systems import System

STUDY = "study.json"
POOL = "pool.jsonl"
POOL_FIELDS = ("id", "task_id", "place", "label", "language")
Progress = Callable[[int, int], None]  # (tasks done, tasks in all)


def answer_pool(
    system: System,
    names: Sequence[str],
    pool: Pool,
    folder: Path,
    *,
    about: Mapping[str, str],
    progress: Progress,
) -> None:
    """Put the answers of `system`, which is called `names`, into `folder`, a file for each name.

    about  what the data set is; answers to another one are refused
    Raises BadAnswers, NotMeasured and OSError.
    """
    heads = {name: {"system": name, "identity": system.identity, **about} for name in names}
    files = {name: folder / f"{name}.jsonl" for name in names}
    done = [set(_begun(files[name], heads[name])) for name in names]
    answered = set.intersection(*done)
    left = [task for task in pool if any(one.id not in answered for one in task)]
    progress(len(pool) - len(left), len(pool))
    for count, task in enumerate(left, start=len(pool) - len(left) + 1):
        told = system.answer(task)
        for name in names:
            _append(files[name], told[name])
        progress(count, len(pool))


def answers_in(file: Path) -> dict[str, Answer]:
    """Candidate id -> answer, of a file that may end in a line cut short. Raises BadAnswers."""
    return read_lines(_whole_lines(file)[1:], file=file.name)


def write_pool(folder: Path, pool: Pool) -> None:
    """Keep which candidates are judged. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    told = (asdict(one) for task in pool for one in task)
    lines = [json.dumps({name: one[name] for name in POOL_FIELDS}) + "\n" for one in told]
    _replace(folder / POOL, "".join(lines))


def read_pool(folder: Path) -> Pool:
    """The candidates that `write_pool` kept, without prompt and code. Raises BadAnswers."""
    tasks: dict[tuple[str, str], list[Candidate]] = {}
    try:
        for line in (folder / POOL).read_text(encoding="utf-8").splitlines():
            one = Candidate(prompt="", code="", **json.loads(line))
            tasks.setdefault((one.language, one.task_id), []).append(one)
    except (ValueError, TypeError):
        raise BadAnswers(f"{folder / POOL} is damaged: run the study again") from None
    return list(tasks.values())


def write_study(folder: Path, record: Record) -> None:
    """Keep what the study is. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / STUDY, text_of(record))


def read_study(folder: Path) -> Record:
    """What `write_study` kept. Raises BadAnswers."""
    try:
        text = (folder / STUDY).read_text(encoding="utf-8")
    except OSError:
        raise BadAnswers(
            f"{folder} holds no study: `gavel study run CONFIG --out {folder}` makes one"
        ) from None
    return record_of(text)


def _begun(file: Path, about: Mapping[str, str]) -> dict[str, Answer]:
    """What `file` holds already; it ends with a whole line afterwards. Raises BadAnswers."""
    lines = _whole_lines(file) if file.is_file() else []
    if not lines:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, head_line(about))
        return {}
    check_head(lines[0], about, file=str(file))
    size = sum(len(line.encode("utf-8")) for line in lines)
    if size < file.stat().st_size:
        os.truncate(file, size)
    return read_lines(lines[1:], file=str(file))


def _whole_lines(file: Path) -> list[str]:
    lines = file.read_bytes().decode("utf-8", "replace").splitlines(keepends=True)
    return lines if not lines or lines[-1].endswith("\n") else lines[:-1]


def _append(file: Path, answers: Sequence[Answer]) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write("".join(map(line_of, answers)))
        stream.flush()
        os.fsync(stream.fileno())


def _replace(file: Path, text: str) -> None:
    partial = file.with_name(f".{file.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)

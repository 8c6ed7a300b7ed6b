"""Decide which candidates every system of a study judges, and in which order. No I/O.

Tasks, and the candidates of a task, stand in an order that depends on nothing but themselves: the
first N of either are the same in every run, and a larger limit only adds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from judge.types import Example

SIZES = (1, 2, 5, 10, 20, 50, 100)  # candidates per task, of which one is chosen
ID_LENGTH = 16


class BadPool(ValueError):
    """A row cannot be a candidate: the message names it and what it lacks."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to one task.

    id     of what it is: task, language, prompt and code; 16 hex digits
    place  its place among the candidates of its task, from 0
    label  1 for correct, 0 for wrong
    """

    id: str
    task_id: str
    place: int
    label: int
    prompt: str
    code: str
    language: str

    def example(self) -> Example:
        """What a judge is asked."""
        return Example(self.prompt, self.code, self.language)


Pool = Sequence[Sequence[Candidate]]  # task by task


def pool_of(rows: Iterable[Mapping[str, object]]) -> Pool:
    """The candidates of `rows`, task by task, at most 100 of each task. Raises BadPool.

    A task is a `task_id` in one `language`: the same task in two languages is two rankings. The
    same code twice is one candidate; where its labels differ, it is none.
    """
    tasks: dict[tuple[str, str], dict[str, dict[str, object]]] = {}
    torn: set[str] = set()
    for number, row in enumerate(rows, start=1):
        found = _checked(number, row)
        of_task = tasks.setdefault((str(found["language"]), str(found["task_id"])), {})
        before = of_task.setdefault(str(found["id"]), found)
        if before["label"] != found["label"]:
            torn.add(str(found["id"]))
    chosen = (
        [tasks[key][name] for name in sorted(tasks[key], key=_shuffled) if name not in torn]
        for key in sorted(tasks, key=lambda key: _hash("task", *key))
    )
    return [
        [_candidate(place, one) for place, one in enumerate(found[: SIZES[-1]])]
        for found in chosen
        if found
    ]


def hash_of(pool: Pool) -> str:
    """What tells this pool from any other, 16 hex digits."""
    return _hash(*(f"{one.id}={one.label}" for task in pool for one in task))


def _checked(number: int, row: Mapping[str, object]) -> dict[str, object]:
    for name in ("task_id", "code"):
        if not isinstance(row.get(name), str):
            raise BadPool(f"row {number} has no {name}: a study needs the text of each candidate")
    label = row.get("label")
    if label not in (0, 1) or isinstance(label, bool):
        raise BadPool(f"row {number} has no label: expected 1 (correct) or 0 (wrong)")
    texts = {name: row.get(name) or "" for name in ("task_id", "language", "prompt", "code")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise BadPool(f"row {number}: prompt and language are texts, where they are given")
    return {"id": _hash(*map(str, texts.values())), "label": label, **texts}


def _candidate(place: int, one: Mapping[str, object]) -> Candidate:
    names = ("id", "task_id", "prompt", "code", "language")
    return Candidate(
        **{name: str(one[name]) for name in names}, place=place, label=int(str(one["label"]))
    )


def _shuffled(name: str) -> str:
    return _hash("candidate", name)


def _hash(*texts: str) -> str:
    data = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]

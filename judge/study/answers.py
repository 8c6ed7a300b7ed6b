"""The values that systems of a study give, and their lines in a file. Decides; no I/O."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SCHEMA_VERSION = 1


class BadAnswers(ValueError):
    """A file of answers is not one, or is of another study: the message says the remedy."""


class NotMeasured(Exception):
    """A system cannot be measured here: one clause that says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system says of a candidate, and what that cost.

    score      any finite number; higher is likelier correct
    p          P(correct) where the system states one, else None
    abstained  the candidate could not be judged; it comes last in its task
    among      first N candidates of the task -> score, where the others count
    seconds    of wall time: the task's over its candidates; cpu_seconds the same of this process
               and those below it, None where the work is done elsewhere
    tokens     that were read or paid for, None where not known
    money      at the endpoint's prices, None where there are none
    memory_mib most memory that this process had resident during the task, None where not known
    """

    id: str
    score: float
    p: float | None = None
    abstained: bool = False
    among: Mapping[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float | None = 0.0
    tokens: int | None = None
    money: float | None = None
    memory_mib: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.score) or not (self.p is None or 0 <= self.p <= 1):
            raise ValueError(f"score {self.score}, p {self.p}: expected a number and one in [0, 1]")


def head_line(about: Mapping[str, str]) -> str:
    """The first line of a file of answers: what gave them, to what."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **about}) + "\n"


def check_head(line: str, about: Mapping[str, str], *, file: str) -> None:
    """Raises BadAnswers unless the file that begins with `line` is of the same system and data."""
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told != json.loads(head_line(about)):
        raise BadAnswers(
            f"{file} holds answers of another system, model or data file: "
            "give another --out, or delete that file"
        )


def line_of(answer: Answer) -> str:
    """One answer as a line of JSON; what is not known is left out."""
    told: dict[str, object] = {"id": answer.id, "score": answer.score}
    optional = {
        "p": answer.p,
        "tokens": answer.tokens,
        "money": answer.money,
        "abstained": answer.abstained or None,
        "among": {str(size): score for size, score in answer.among.items()} or None,
        "cpu_seconds": None if answer.cpu_seconds is None else round(answer.cpu_seconds, 6),
        "memory_mib": None if answer.memory_mib is None else round(answer.memory_mib, 1),
    }
    told |= {name: value for name, value in optional.items() if value is not None}
    return json.dumps({**told, "seconds": round(answer.seconds, 6)}) + "\n"


def read_lines(lines: Iterable[str], *, file: str) -> dict[str, Answer]:
    """Candidate id -> its latest answer. Raises BadAnswers for a line that is none."""
    found = {}
    for number, line in enumerate(lines, start=2):
        try:
            answer = _answer(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadAnswers(f"{file}, line {number}: not an answer: delete that file") from None
        found[answer.id] = answer
    return found


def _answer(row: dict[str, object]) -> Answer:
    among, tokens = row.get("among"), row.get("tokens")
    return Answer(
        id=str(row["id"]),
        score=float(str(row["score"])),
        p=_number(row, "p"),
        abstained=row.get("abstained") is True,
        among={int(size): float(str(one)) for size, one in among.items()}
        if isinstance(among, dict)
        else {},
        seconds=float(str(row["seconds"])),
        cpu_seconds=_number(row, "cpu_seconds"),
        tokens=None if tokens is None else int(str(tokens)),
        money=_number(row, "money"),
        memory_mib=_number(row, "memory_mib"),
    )


def _number(row: dict[str, object], name: str) -> float | None:
    value = row.get(name)
    return None if value is None else float(str(value))

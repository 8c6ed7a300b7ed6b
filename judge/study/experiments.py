"""Run the named experiments of a study, and keep every line of their tables at once. Acts: files.

An experiment varies one thing and holds the rest. A run that was cut off goes on at the first line
that is missing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from judge.evaluate.intervals import Figure
from judge.study.answers import BadAnswers
from judge.study.experiments_config import ExperimentEntry
from judge.study.experiments_far import FAR
from judge.study.experiments_fit import FITTED
from judge.study.experiments_inputs import Inputs
from judge.study.experiments_run import EXECUTED

FOLDER = "experiments"
Figures = Mapping[str, Figure]
Cells = Callable[[Inputs], Iterator[tuple[str, Callable[[], Figures]]]]  # label and how to measure
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """An experiment.

    about  what is varied and what is held, in a sentence or two
    cells  the lines of its table, each measured when it is asked for
    """

    title: str
    about: str
    cells: Cells


KINDS: Mapping[str, Kind] = {
    name: Kind(title, about, cells)
    for name, (title, about, cells) in {**FITTED, **FAR, **EXECUTED}.items()
}


@dataclass(frozen=True, slots=True)
class Kept:
    """The lines of one experiment, as its file holds them."""

    name: str
    kind: str
    lines: tuple[tuple[str, Figures], ...]


def run_experiment(
    entry: ExperimentEntry, inputs: Inputs, folder: Path, *, progress: Progress
) -> None:
    """Measure the lines of `entry` that `folder` lacks. Raises BadAnswers, OSError, ValueError."""
    file = folder / FOLDER / f"{entry.name}.jsonl"
    head = {"experiment": entry.kind, "inputs": inputs.hash}
    done = {label for label, _ in _begun(file, head)}
    cells = list(KINDS[entry.kind].cells(inputs))
    for count, (label, measured) in enumerate(cells):
        progress(count, len(cells))
        if label not in done:
            line = {"label": label, "figures": {k: asdict(v) for k, v in measured().items()}}
            with file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
    progress(len(cells), len(cells))


def kept_in(folder: Path) -> list[Kept]:
    """The experiments that `folder` holds, by name. Raises BadAnswers."""
    return [
        Kept(file.stem, str(_lines(file)[0]["experiment"]), tuple(_read(file)))
        for file in sorted((folder / FOLDER).glob("*.jsonl"))
    ]


def hash_of(texts: Sequence[str]) -> str:
    """What tells inputs apart, 16 hex digits."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _begun(file: Path, head: Mapping[str, str]) -> list[tuple[str, Figures]]:
    """The lines that `file` holds already; it ends with a whole line afterwards."""
    lines = _lines(file) if file.is_file() else []
    if not lines:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(head) + "\n", encoding="utf-8")
        return []
    if lines[0] != head:
        raise BadAnswers(f"{file} is of other inputs: give another --out, or delete that file")
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return _read(file)


def _read(file: Path) -> list[tuple[str, Figures]]:
    found: list[tuple[str, Figures]] = []
    for line in _lines(file)[1:]:
        figures = line["figures"]
        assert isinstance(figures, dict)
        found.append((str(line["label"]), {k: Figure(**v) for k, v in figures.items()}))
    return found


def _lines(file: Path) -> list[dict[str, object]]:
    """The objects of a file whose last line may be cut short. Raises BadAnswers."""
    text = file.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    try:
        return [dict(json.loads(line)) for line in whole.splitlines()]
    except (ValueError, TypeError):
        raise BadAnswers(f"{file} is damaged: delete it") from None

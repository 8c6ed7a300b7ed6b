"""Act: read data files and find what must not be in them, or not in two of them."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train import forbidden
from judge.train.forbidden_code import refusal_of_code
from judge.train.leakage import Leak, Piece, leaks, shingles
from judge.train.manifest import write_jsonl
from judge.train.splits import Split
from judge.train.tasks import number_of, read_rows

Progress = Callable[[int, int], None]
SHOWN = 5
_WORD = re.compile(r"[a-z]+")
_WEIGHTS = {Split.TRAIN.value: 0, Split.VALIDATION.value: 2, Split.TEST.value: 3}


@dataclass(slots=True)
class Checked:
    """What was found in some files.

    rows       by file
    forbidden  sentences about rows that examine the judge
    shared     task ids that are in more than one set of files, with the files
    near       nearly the same code in two sets of files
    repeated   rows of the same file with the same id
    to_drop    file -> numbers, from 1, of the rows without which nothing is left but shared tasks
    """

    rows: dict[str, int] = field(default_factory=dict)
    forbidden: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    near: list[Leak] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)
    to_drop: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.forbidden or self.shared or self.near or self.repeated)


def set_of(path: Path) -> str:
    """The set that a file belongs to: the split that its name says, or else itself alone.

    >>> set_of(Path("rows/python/mutants-train.jsonl.gz")), set_of(Path("rows/mine.jsonl"))
    ('train', 'rows/mine.jsonl')
    """
    said = [word for word in _WORD.findall(path.name.lower()) if word in _WEIGHTS]
    return said[0] if len(said) == 1 else str(path)


def check_files(files: Sequence[Path], *, progress: Progress = lambda done, total: None) -> Checked:
    """Check files of data rows, those of one split as one set. Raises BadRow and OSError."""
    found = Checked()
    pieces: list[Piece] = []
    tasks: dict[str, dict[str, str]] = {}
    for count, path in enumerate(files, 1):
        ids: Counter[str] = Counter()
        for number, row in enumerate(read_rows(path), 1):
            code, where = str(row.get("code", "")), f"{path}:{number}"
            if why := forbidden.refusal(row) or refusal_of_code(code):
                found.forbidden.append(f"{where}: {why}")
                found.to_drop[str(path)].add(number)
            task = number_of(str(row.get("task_id", "")))
            tasks.setdefault(task, {}).setdefault(set_of(path), str(path))
            identity = str(row.get("id", where))
            ids[identity] += 1
            if ids[identity] > 1:
                found.to_drop[str(path)].add(number)
            pieces.append(Piece(where, set_of(path), shingles(code)))
        found.rows[str(path)] = sum(ids.values())
        repeats = sum(ids.values()) - len(ids)
        if repeats:
            found.repeated[str(path)] = repeats
        progress(count, len(files))
    found.shared = [
        f"{task}: {', '.join(sorted(where.values()))}"
        for task, where in sorted(tasks.items())
        if task and len(where) > 1
    ]
    found.near = leaks(pieces)
    for name in _lost(found.near, pieces):
        path_name, _, row_number = name.rpartition(":")
        found.to_drop[path_name].add(int(row_number))
    return found


def _lost(near: Sequence[Leak], pieces: Sequence[Piece]) -> Iterator[str]:
    """Names of the pieces to give up: of two that are alike, all like the one that weighs less."""
    by_name = {piece.name: piece for piece in pieces}
    copies: dict[tuple[str, frozenset[int]], list[str]] = defaultdict(list)
    for piece in pieces:
        copies[piece.part, piece.shingles].append(piece.name)
    for leak in near:
        lost = min(by_name[leak.one], by_name[leak.other], key=lambda one: _weight(one.part))
        yield from copies[lost.part, lost.shingles]


def _weight(part: str) -> int:
    """What is given up first: training rows, then those of no split, then validation, then test."""
    return _WEIGHTS.get(part, 1)


def write_clean(found: Checked, out: Path) -> dict[Path, int]:
    """Write each checked file without the rows to drop under `out`; how many each keeps.

    Files keep their places below the folder that holds them all. Raises BadRow and OSError.
    """
    files = [Path(name) for name in found.rows]
    top = Path(os.path.commonpath([file.absolute().parent for file in files]))
    kept: dict[Path, int] = {}
    for file in files:
        target = out / file.absolute().relative_to(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        drop = found.to_drop.get(str(file), set())
        rows = (row for number, row in enumerate(read_rows(file), 1) if number not in drop)
        kept[target] = write_jsonl(target, rows)
    return kept

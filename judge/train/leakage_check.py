"""Act: read data files and find what must not be in them, or not in two of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train import forbidden
from judge.train.forbidden_code import refusal_of_code
from judge.train.leakage import Leak, Piece, leaks, shingles
from judge.train.splits import Split
from judge.train.tasks import number_of, read_rows

Progress = Callable[[int, int], None]
SHOWN = 5
_WORD = re.compile(r"[a-z]+")
_SPLITS = frozenset(split.value for split in Split)


@dataclass(slots=True)
class Checked:
    """What was found in some files.

    rows       by file
    forbidden  sentences about rows that examine the judge
    shared     task ids that are in more than one set of files, with the files
    near       nearly the same code in two sets of files
    repeated   rows of the same file with the same id
    """

    rows: dict[str, int] = field(default_factory=dict)
    forbidden: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    near: list[Leak] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.forbidden or self.shared or self.near or self.repeated)


def set_of(path: Path) -> str:
    """The set that a file belongs to: the split that its name says, or else itself alone.

    >>> set_of(Path("rows/python/mutants-train.jsonl.gz")), set_of(Path("rows/mine.jsonl"))
    ('train', 'rows/mine.jsonl')
    """
    said = [word for word in _WORD.findall(path.name.lower()) if word in _SPLITS]
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
            task = number_of(str(row.get("task_id", "")))
            tasks.setdefault(task, {}).setdefault(set_of(path), str(path))
            ids[str(row.get("id", where))] += 1
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
    return found

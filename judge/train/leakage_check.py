"""Act: read data files and find what must not be in them, or not in two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train import forbidden
from judge.train.forbidden_code import refusal_of_code
from judge.train.leakage import Leak, Piece, leaks, shingles
from judge.train.tasks import number_of, read_rows

Progress = Callable[[int, int], None]
SHOWN = 5


@dataclass(slots=True)
class Checked:
    """What was found in some files.

    rows       by file
    forbidden  sentences about rows that examine the judge
    shared     task ids that are in more than one file, with the files
    near       nearly the same code in two files
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


def check_files(files: Sequence[Path], *, progress: Progress = lambda done, total: None) -> Checked:
    """Check files of data rows, each taken for a set of its own. Raises BadRow and OSError."""
    found = Checked()
    pieces: list[Piece] = []
    tasks: dict[str, set[str]] = {}
    for count, path in enumerate(files, 1):
        ids: Counter[str] = Counter()
        for number, row in enumerate(read_rows(path), 1):
            code, where = str(row.get("code", "")), f"{path}:{number}"
            if why := forbidden.refusal(row) or refusal_of_code(code):
                found.forbidden.append(f"{where}: {why}")
            tasks.setdefault(number_of(str(row.get("task_id", ""))), set()).add(str(path))
            ids[str(row.get("id", where))] += 1
            pieces.append(Piece(where, str(path), shingles(code)))
        found.rows[str(path)] = sum(ids.values())
        repeats = sum(ids.values()) - len(ids)
        if repeats:
            found.repeated[str(path)] = repeats
        progress(count, len(files))
    found.shared = [
        f"{task}: {', '.join(sorted(where))}"
        for task, where in sorted(tasks.items())
        if task and len(where) > 1
    ]
    found.near = leaks(pieces)
    return found

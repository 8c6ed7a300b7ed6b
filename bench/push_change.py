"""Pull requests of functions, and pushes that change one of them, for bench/push.py. Decides."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet import sha_of
from inference_rows import Row

PER_FILE = 5
IMPORTS = "from __future__ import annotations\n"


@dataclass(frozen=True, slots=True)
class Push:
    """A head of a pull request: the text of its files, all of them new, and their diff."""

    files: Mapping[str, str]

    @property
    def sha(self) -> str:
        """Name of the head commit."""
        return sha_of(*sorted(self.files.items()))

    @property
    def diff(self) -> str:
        """The files as one unified diff against nothing."""
        return "".join(_new_file(path, text) for path, text in self.files.items())


def functions(rows: Sequence[Row]) -> list[str]:
    """Code of the rows that are whole functions of a module, each name once, shortest first."""
    found: dict[str, str] = {}
    for row in rows:
        code = textwrap.dedent(row.code).strip("\n")
        if code.startswith("def "):
            found.setdefault(code.partition("(")[0], code)
    return sorted(found.values(), key=lambda code: (len(code), code))


def spread(codes: Sequence[str], *, size: int, of: int, number: int) -> list[str]:
    """`size` of the codes, from the shortest to the longest; `of` such lots share none.

    Raises ValueError where there are too few.
    """
    if len(codes) < size * of:
        raise ValueError(f"there are {len(codes)} functions: {of} lots of {size} need more")
    step = len(codes) / size
    return [codes[int(place * step) + number] for place in range(size)]


def push_of(codes: Sequence[str]) -> Push:
    """Files of PER_FILE functions each, in the order that is given."""
    files = {}
    for start in range(0, len(codes), PER_FILE):
        body = "\n\n\n".join(codes[start : start + PER_FILE])
        files[f"src/part_{start // PER_FILE}.py"] = f"{IMPORTS}\n\n{body}\n"
    return Push(files)


def _new_file(path: str, text: str) -> str:
    lines = text.splitlines()
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    added = "".join(f"+{line}\n" for line in lines)
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n{added}"

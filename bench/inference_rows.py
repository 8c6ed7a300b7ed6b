"""The rows that bench/inference.py measures on, and how they were made. Acts on files.

    .venv/bin/python bench/inference_rows.py --candidates FOLDER

Two sets. `tasks`: the eight tasks of inference_tasks.toml with ten answers each that small
models wrote. `functions`: functions of this project, each with its docstring as the task. Both are
spread evenly over lengths. The file with the rows is committed; this script makes it anew.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from judge.diff import parse  # noqa: E402
from judge.snippets import snippets  # noqa: E402
from judge.types import Example, Snippet, SnippetKind  # noqa: E402

ROWS = ROOT / "bench" / "inference_rows.jsonl.gz"
TASKS = ROOT / "bench" / "inference_tasks.toml"
PER_TASK = 10
FUNCTIONS = 80
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One text to judge. `set` is "tasks" or "functions"."""

    id: str
    set: str
    task_id: str
    language: str
    prompt: str
    code: str
    license: str = "Apache-2.0"

    @property
    def example(self) -> Example:
        """As the judge reads it."""
        return Example(self.prompt, self.code, self.language)


def main() -> int:
    """Write the rows, and say how many there are."""
    parser = argparse.ArgumentParser(description="Make the rows of the benchmark anew.")
    parser.add_argument("--candidates", type=Path, required=True, help="LANGUAGE.jsonl.gz in there")
    parser.add_argument("--out", type=Path, default=ROWS)
    args = parser.parse_args()
    rows = [*of_tasks(args.candidates), *of_functions()]
    text = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    args.out.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
    print(f"{len(rows)} rows, {len(text):,} characters")
    return 0


def load(path: Path = ROWS) -> list[Row]:
    """The committed rows, in order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Row(**json.loads(line)) for line in lines]


def of_tasks(candidates: Path) -> Iterator[Row]:
    """Ten distinct answers to each task."""
    for asked in tomllib.loads(TASKS.read_text(encoding="utf-8"))["tasks"]:
        language, source = asked["language"], asked["answers"]
        bodies = answers(candidates / f"{language}.jsonl.gz", source)
        for number, body in enumerate(evenly(bodies, PER_TASK)):
            task = f"{language}/{source.rpartition('/')[2]}"
            yield Row(f"{task}#{number}", "tasks", task, language, asked["prompt"].lstrip(), body)


def answers(path: Path, task_id: str) -> list[str]:
    """Distinct answers to a task, the shortest first."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines if f'"{task_id}"' in line)
        return sorted({row["body"] for row in rows}, key=by_length)


def by_length(text: str) -> tuple[int, str]:
    """Sorts texts by length, and those of one length by their letters."""
    return len(text), text


def of_functions() -> Iterator[Row]:
    """Functions of this project's packages that say what they are for."""
    found = [
        one
        for package in ("bot", "worker", "judge")
        for path in sorted((ROOT / package).rglob("*.py"))
        for one in cut(path)
        if one.kind is SnippetKind.FUNCTION and one.prompt
    ]
    found.sort(key=lambda one: by_length(one.code))
    for one in evenly(found, FUNCTIONS):
        where = f"{one.path}:{one.name}"
        yield Row(where, "functions", where, one.language, one.prompt, one.code)


def cut(path: Path) -> tuple[Snippet, ...]:
    """The snippets of a file, as of a change that adds it."""
    name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    lines = text.splitlines()
    head = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n"
    diff = f"{head}@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)
    return tuple(one for file in parse(diff) for one in snippets(file, text))


def evenly(items: Sequence[T], count: int) -> list[T]:
    """`count` of `items`, the first, the last, and others at even distances.

    >>> evenly([0, 1, 2, 3, 4, 5, 6], 3)
    [0, 3, 6]
    """
    if len(items) < count:
        raise ValueError(f"there are only {len(items)} of {count}")
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]


if __name__ == "__main__":
    sys.exit(main())

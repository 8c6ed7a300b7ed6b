"""Acts: writes the few tasks, rows and histories that the pages about data are walked with.

Each task asks for a multiple of a number. Right and wrong answers differ by little, and are so easy
to tell apart that the smallest judge has something to calibrate.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice
from pathlib import Path

from judge.train.changes_files import split_of as split_of_repository
from judge.train.manifest import write_jsonl
from judge.train.splits import Split, split_of

Row = dict[str, object]
HEADS = {
    "python": ("def times_{n}(x):\n    return {body}\n", "python"),
    "javascript": ("function times_{n}(x) {{\n  return {body};\n}}\n", "javascript"),
    "cpp": ("int times_{n}(int x) {{\n  return {body};\n}}\n", "cpp"),
    "java": ("static int times{n}(int x) {{\n  return {body};\n}}\n", "java"),
}
ANSWERS = (("x * {n}", 1), ("{n} * x", 1), ("x + {n}", 0), ("x * ({n} + x)", 0))
DAY, STEP = 86_400, 400  # days between commits: what is right has stood for two years
LICENSE = "Permission is hereby granted, free of charge, to any person"
GOOD = "def good_{n}(a, b):\n    total = a + {n} * b\n    return total\n"
BAD = "def bad_{n}(values):\n    first = values[1]\n    return first + {n}\n"


def numbers(split: Split, most: int) -> list[int]:
    """Numbers of tasks of a split, the same in every run."""
    return list(islice((n for n in count(2) if split_of(f"MBPP/{n}") is split), most))


def write_tasks(folder: Path, counts: Mapping[Split, int]) -> None:
    """`tasks.jsonl.gz` and `candidates.jsonl.gz`, as many tasks of each split as told."""
    told = [n for split, most in counts.items() for n in numbers(split, most)]
    write_jsonl(folder / "tasks.jsonl.gz", [_task(n) for n in told])
    write_jsonl(
        folder / "candidates.jsonl.gz",
        [_candidate(n, f"    return {body.format(n=n)}\n") for n in told for body, _ in ANSWERS],
    )


def _task(n: int) -> Row:
    return {
        "task_id": f"MBPP/{n}",
        "source": "own",
        "language": "python",
        "prompt": f'def times_{n}(x):\n    """Give {n} times x."""\n',
        "description": f"Give {n} times x.",
        "entry_point": f"times_{n}",
        "test": f"def check(candidate):\n    assert candidate(3) == {3 * n}\n"
        f"    assert candidate(-5) == {-5 * n}\n",
        "solution": f"    return {n} * x\n",
        "license": "MIT",
    }


def _candidate(n: int, body: str) -> Row:
    told = {"language": "python", "generator": "a-model", "temperature": 0.5, "style": "plain"}
    return {"task_id": f"MBPP/{n}", "body": body, **told}


def rows(language: str, told: Iterable[int], answers: Sequence[tuple[str, int]]) -> list[Row]:
    """Data rows of the tasks `told`, one for each answer."""
    head, name = HEADS[language]
    return [
        {
            "id": f"{name}-{n}-{place}",
            "task_id": f"MBPP/{n}",
            "source": "own",
            "language": name,
            "prompt": f"Give {n} times x.",
            "code": head.format(n=n, body=body.format(n=n)),
            "label": label,
            "generator": "a-model",
            "label_from": "tests",
            "license": "MIT",
            "outcome": "passed" if label else "assertion",
        }
        for n in told
        for place, (body, label) in enumerate(answers)
    ]


def mutants(of: Iterable[Row]) -> list[Row]:
    """A wrong variant of each right row."""
    wrong = {"label": 0, "label_from": "mutation", "mutation": "operator", "outcome": "assertion"}
    return [
        {
            **row,
            **wrong,
            "id": f"{row['id']}-m",
            "original": row["id"],
            "code": str(row["code"]).replace("*", "+"),
        }
        for row in of
        if row["label"]
    ]


def write_histories(folder: Path, counts: Mapping[str, int]) -> None:
    """Bare clones below `folder`, so many of each split, with a fix, a blamed and a kept change."""
    folder.mkdir()
    for split, most in counts.items():
        named = (f"team{n}" for n in count() if split_of_repository(f"own/team{n}") == split)
        for name in islice(named, most):
            _write_history(folder / f"own+{name}.git", int(name.removeprefix("team")))


def _write_history(clone: Path, n: int) -> None:
    good, bad = GOOD.format(n=n), BAD.format(n=n)
    both = f"{good}\n\n{bad}"
    before = both.replace("a + ", "").replace("values[1]", "values[3] or 0")
    steps = (
        ("Start", {"LICENSE": LICENSE, "code.py": before}),
        (f"Rework the two (#{n + 1})", {"code.py": both}),
        ("Fix first value", {"code.py": both.replace("[1]", "[0]"), "test_code.py": "x = 1\n"}),
        ("Go on", {"other.py": "import os\n"}),
        ("Go on again", {"other.py": "import os\nimport re\n"}),
    )
    stream = "".join(
        f"commit refs/heads/main\n"
        f"committer Ada <ada@example.org> {1_500_000_000 + day * STEP * DAY} +0000\n"
        f"{_data(subject)}"
        + "".join(f"M 100644 inline {path}\n{_data(text)}" for path, text in files.items())
        for day, (subject, files) in enumerate(steps)
    )
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for words, said in (
        (("init", "-q", "--bare", "-b", "main", str(clone)), ""),
        (("-C", str(clone), "fast-import", "--quiet"), stream),
    ):
        subprocess.run(["git", *words], input=said, text=True, env=environment, check=True)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def changes(repositories: int) -> str:
    """Lines of `gavel data changes`, an introduced function right and wrong of each repository."""
    told = []
    for n in range(repositories):
        for label, code in ((1, GOOD), (0, BAD)):
            text = code.format(n=n)
            row = rows("python", [n], [("x", label)])[0]
            lines = text.splitlines()
            diff = f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)
            told.append(
                {**row, "code": text, "diff": diff, "source": f"own/{n}", "kind": "introduced"}
            )
    return "".join(json.dumps(row) + "\n" for row in told)

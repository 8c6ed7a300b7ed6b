"""Act: label the candidates of a folder of tasks by running its tests, in a sandbox."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from judge.train.sandbox import Box, Ended, Program, SandboxBroken, python_paths
from judge.train.suite import FILE, BadTasks, Suite, SuiteTask, parse, tasks_of
from judge.train.suite_end import End, Reply, end_of, is_driven, is_right

CANDIDATES = "candidates.jsonl"
_MB = 1 << 20
_MOST_BYTES = 2 * _MB  # of a repository's files in a cell
_EACH_S = 5.0
_LIMITS = {"CPU": 60, "CORE": 0, "DATA": 1024 * _MB, "FSIZE": 16 * _MB, "NOFILE": 256, "NPROC": 64}


def read_suite(folder: Path) -> Suite:
    """The tasks of `folder`. Raises BadTasks, which names what is missing, and OSError."""
    file = folder / FILE
    if not file.is_file():
        raise BadTasks(f"{folder} has no {FILE}: it names the command and the tasks")
    suite = parse(_text(file))
    if suite.tasks:
        return suite
    files = _files(folder, suite)
    sources = {path for pattern in suite.sources for path in _matching(folder, pattern)}
    tasks = [one for path in sorted(sources) for one in tasks_of(path, files[path], files)]
    if not tasks:
        raise BadTasks(f"no function with a description was found in {', '.join(suite.sources)}")
    return Suite(
        language=suite.language,
        command=suite.command,
        tasks=tuple(tasks),
        shown=suite.shown,
        environment=suite.environment,
        wall_s=suite.wall_s,
        license=suite.license,
    )


def read_answers(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Task -> (code, writer) of the file of candidates in `folder`; {} where there is none.

    Raises BadTasks.
    """
    file = folder / CANDIDATES
    found: dict[str, list[tuple[str, str]]] = {}
    if not file.is_file():
        return found
    for number, line in enumerate(_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            task, code, writer = row["task_id"], row["code"], row.get("generator", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadTasks(f"{file}, line {number}: expected task_id, code, generator") from None
        found.setdefault(str(task), []).append((str(code), str(writer)))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadTasks(f"{file}: not UTF-8 at byte {error.start + 1}") from None


class SuiteBox:
    """A sandbox with what the command of a suite needs. A context manager, for one thread."""

    def __init__(self, suite: Suite) -> None:
        found = shutil.which(suite.command[0])
        python = Path(sys.executable).resolve()
        is_python = Path(suite.command[0]).name in ("python", "python3")
        if found is None and not is_python:
            raise BadTasks(f"command: {suite.command[0]} is not on this machine: install it")
        program = python if is_python or found is None else Path(found).resolve()
        self._driven = is_driven(suite.command, is_python=is_python)
        self._command = [str(program), *suite.command[1:]]
        if self._driven:
            own = Path(__file__).with_name("suite_python.py").read_text(encoding="utf-8")
            self._command = [str(program), "-c", own, *suite.command[2:]]
        self._known: dict[str, Sequence[End | None]] = {}
        self._python = str(python)
        self._suite = suite
        library = sysconfig.get_config_var("LIBDIR") or "/usr/lib"
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/box",
            "TMPDIR": "/box",
            "LC_ALL": "C.UTF-8",
            "LD_LIBRARY_PATH": str(library),
            "PYTHONDONTWRITEBYTECODE": "1",
            **suite.environment,
        }
        shown = [str(program), str(python), *python_paths(), *suite.shown]
        if str(library) not in ("/usr/lib", "/lib"):
            shown += [str(one) for one in Path(str(library)).glob("libpython3*.so*")]
        self._box = Box("programs", shown=list(dict.fromkeys(shown)), limits=_LIMITS)

    def __enter__(self) -> Self:
        self._box.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._box.stop()

    def passes(self, task: SuiteTask, code: str) -> bool:
        """Whether `code` passes the tests of `task`, which ran to their end.

        Raises BadTasks where the end of the tests cannot be told.
        """
        replies = self._replies(task, code)
        if len(replies) < len(task.tests) or any(one.status for one in replies):
            return False
        told = zip(task.tests, replies, self._ends(task), strict=True)
        return all(is_right(test, reply, end) for test, reply, end in told)

    def _ends(self, task: SuiteTask) -> Sequence[End | None]:
        """How each test of `task` ends with its own solution; None where that fails, and where the
        test says what must be written.
        """
        if all(test.stdout is not None for test in task.tests):
            return [None] * len(task.tests)
        if not task.solutions:
            raise BadTasks(
                f"task {task.id}: a test without stdout needs a solution, whose output shows that "
                "the tests ran to their end"
            )
        right = task.program(task.solutions[0])
        told = repr((sorted(right.items()), task.tests))
        key = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
        if key not in self._known:
            self._known[key] = self._measured(task)
        return self._known[key]

    def _measured(self, task: SuiteTask) -> Sequence[End | None]:
        runs = [self._replies(task, task.solutions[0]) for _ in range(2)]
        if any([one.status for one in run] != [0] * len(task.tests) for run in runs):
            return [None] * len(task.tests)
        ends = [end_of(*pair, driven=self._driven) for pair in zip(*runs, strict=True)]
        pairs = zip(task.tests, ends, strict=True)
        if any(test.stdout is None and end is None for test, end in pairs):
            raise BadTasks(
                "command: it ends with status 0 and tells nothing of its tests, so that code that "
                "exits early would pass: have it write how many tests ran"
            )
        return ends

    def _replies(self, task: SuiteTask, code: str) -> list[Reply]:
        """What the command gave on each test; fewer where the cell ended before."""
        password = secrets.token_hex(16)
        plan = {
            "command": self._command,
            "inputs": [test.stdin for test in task.tests],
            "driven": self._driven,
            "each_s": _EACH_S if len(task.tests) > 1 else self._suite.wall_s,
        }
        driver = Path(__file__).with_name("suite_driver.py").read_text(encoding="utf-8")
        program = Program(
            [self._python, "-I", "-S", "-B", "driver.py"],
            files={**task.program(code), "tests.json": json.dumps(plan), "driver.py": driver},
            environment=self._environment,
            stdin=password + "\n",
            wall_s=self._suite.wall_s,
            kept_bytes=4 * _MB,
        )
        ended = self._ended(program)
        if ended is None:
            return []
        return _read(ended.stdout.rpartition(f"\n{password}")[2])

    def _ended(self, program: Program) -> Ended | None:
        """How `program` ended; None where it broke two sandboxes, which one may do of itself."""
        for _ in range(2):
            try:
                return self._box.run(program)
            except SandboxBroken:
                self._box.start()
        return None


def _read(told: str) -> list[Reply]:
    """The replies that the driver wrote, or none where it wrote none."""
    try:
        return [
            Reply(int(status), str(out), str(tail), None if ran is None else int(ran))
            for status, out, tail, ran in json.loads(told)
        ]
    except (ValueError, TypeError):
        return []


def _files(folder: Path, suite: Suite) -> Mapping[str, str]:
    """The texts that the tests need. Raises BadTasks where they are too many."""
    names = {
        path for pattern in (*suite.sources, *suite.files) for path in _matching(folder, pattern)
    }
    files = {name: (folder / name).read_text(encoding="utf-8", errors="replace") for name in names}
    if sum(map(len, files.values())) > _MOST_BYTES:
        raise BadTasks("files: they are larger than 2 MiB in all: name what the tests need alone")
    return files


def _matching(folder: Path, pattern: str) -> list[str]:
    """The files of `folder` that `pattern` names; where git is, those that it tracks."""
    found = [path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink()]
    names = {path.relative_to(folder).as_posix() for path in found}
    listed = subprocess.run(  # noqa: S603 - a fixed command on a folder of the user
        ["git", "-C", str(folder), "ls-files", "-z"],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names &= set(listed.stdout.decode("utf-8", "replace").split("\0"))
    return sorted(names)

"""Act: label the candidates of a folder of tasks by running its tests, in a sandbox."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from judge.train.sandbox import Box, Program, SandboxBroken, python_paths
from judge.train.suite import FILE, BadTasks, Suite, SuiteTask, parse, tasks_of

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
    suite = parse(file.read_text(encoding="utf-8"))
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
    """Task -> (code, writer) of the file of candidates in `folder`; {} where there is none."""
    file = folder / CANDIDATES
    found: dict[str, list[tuple[str, str]]] = {}
    if not file.is_file():
        return found
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            task, code, writer = row["task_id"], row["code"], row.get("generator", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadTasks(f"{file}, line {number}: expected task_id, code, generator") from None
        found.setdefault(str(task), []).append((str(code), str(writer)))
    return found


class SuiteBox:
    """A sandbox with what the command of a suite needs. A context manager, for one thread."""

    def __init__(self, suite: Suite) -> None:
        found = shutil.which(suite.command[0])
        python = Path(sys.executable).resolve()
        is_python = Path(suite.command[0]).name in ("python", "python3")
        if found is None and not is_python:
            raise BadTasks(f"command: {suite.command[0]} is not on this machine: install it")
        program = python if is_python or found is None else Path(found).resolve()
        self._command = [str(program), *suite.command[1:]]
        self._python = str(python)
        self._suite = suite
        library = sysconfig.get_config_var("LIBDIR") or "/usr/lib"
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/box",
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
        """Whether `code` passes the tests of `task`."""
        password = secrets.token_hex(16)
        plan = {
            "command": self._command,
            "inputs": [test.stdin for test in task.tests],
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
        try:
            ended = self._box.run(program)
        except SandboxBroken:
            self._box.start()
            return False
        return _passes(task, ended.stdout.rpartition(f"\n{password}")[2])


def _passes(task: SuiteTask, told: str) -> bool:
    try:
        replies: Sequence[Sequence[object]] = json.loads(told)
        return len(replies) == len(task.tests) and all(
            status == 0 and (test.stdout is None or str(out).strip() == test.stdout.strip())
            for test, (status, out) in zip(task.tests, replies, strict=True)
        )
    except (ValueError, TypeError):
        return False


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

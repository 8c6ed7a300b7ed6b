"""Decide what a folder of tasks with tests says, and what of a repository can be a task. No I/O.

The file `gavel-tasks.toml` names a command that runs a candidate, and the tasks: written down one
by one with the input and output of each test, or taken from the functions of a repository whose own
test suite is the command.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from judge.functions import functions
from judge.languages import language_of

FILE = "gavel-tasks.toml"
_MOST_LINES = 80  # of a function that becomes a task
_OF_THE_SANDBOX = ("box", "stage", "dev", "proc")  # its own folders: nothing else is shown there
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
Fields = Mapping[str, object]


class BadTasks(ValueError):
    """The folder's description is wrong: the message names the thing and the remedy."""


@dataclass(frozen=True, slots=True)
class Test:
    """What a candidate reads and must write, blanks at the ends aside. None: anything will do."""

    stdin: str = ""
    stdout: str | None = None


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """A task whose candidates are files that a command runs.

    file       where a candidate is written
    solutions  right code, known beforehand
    tests      all must end with status 0 and write what they should
    files      what else lies there, path -> text
    before     text of `file` before the candidate; `after`, the text behind it
    """

    id: str
    prompt: str
    file: str
    solutions: tuple[str, ...]
    tests: tuple[Test, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""

    def program(self, code: str) -> dict[str, str]:
        """The files of `code` as a candidate."""
        return {**self.files, self.file: self.before + code + self.after}


@dataclass(frozen=True, slots=True)
class Suite:
    """What `gavel-tasks.toml` says.

    command   program and arguments; the program is sought on the path
    shown     folders of this machine that the command needs, such as those of its libraries
    sources   patterns of the files whose functions are tasks, for a repository
    files     patterns of the files that the tests need, for a repository
    wall_s    seconds of all tests of one candidate
    license   of what the tasks are made of
    """

    language: str
    command: tuple[str, ...]
    tasks: tuple[SuiteTask, ...] = ()
    shown: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    wall_s: float = 60.0
    license: str = "unknown"


def parse(text: str) -> Suite:
    """The suite that `text` describes. Raises BadTasks."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadTasks(f"not TOML: {error}") from None
    known = ("language", "command", "file", "tasks", "shown", "environment", "sources", "files")
    _only(told, "the file", (*known, "wall_s", "license"))
    wall_s = told.get("wall_s", 60.0)
    if not isinstance(wall_s, int | float) or isinstance(wall_s, bool) or not 0 < wall_s <= 600:
        raise BadTasks("wall_s: expected seconds, at most 600")
    suite = Suite(
        language=_text(told, "language", "the file"),
        command=_texts(told, "command"),
        tasks=tuple(_task(one, told) for one in _tables(told, "tasks")),
        shown=_shown(told),
        environment={str(k): str(v) for k, v in _table(told, "environment").items()},
        sources=_patterns(told, "sources"),
        files=_patterns(told, "files"),
        wall_s=float(wall_s),
        license=str(told.get("license", "unknown")),
    )
    if not suite.command:
        raise BadTasks('command: expected a list such as ["python3", "-m", "unittest"]')
    if bool(suite.tasks) == bool(suite.sources):
        raise BadTasks("expected either [[tasks]] or sources, the files whose functions are tasks")
    names = [task.id for task in suite.tasks]
    if len(set(names)) < len(names):
        raise BadTasks("two tasks have the same id: give each one of its own")
    return suite


def tasks_of(path: str, text: str, files: Mapping[str, str]) -> Iterator[SuiteTask]:
    """The functions of the file `path` as tasks: each is its own solution.

    files  what the tests need, with `path` among it

    A function without a description, or a long one, is no task: a judge could not know what is
    asked, and a candidate that the tests never call is caught by its mutants, none of which fail.
    """
    language = language_of(path)
    lines = _LINES.findall(text)  # as the parser counts them: a form feed ends none
    for one in functions(text, language):
        if not one.doc or not one.name or one.end_line - one.start_line >= _MOST_LINES:
            continue
        code = "".join(lines[one.start_line - 1 : one.end_line])
        yield SuiteTask(
            id=f"{path}::{one.name}",
            prompt=one.doc,
            file=path,
            solutions=(code,),
            tests=(Test(),),
            files={name: body for name, body in files.items() if name != path},
            before="".join(lines[: one.start_line - 1]),
            after="".join(lines[one.end_line :]),
        )


def shown_code(code: str) -> str:
    """A candidate as a judge reads it: without the blanks that all its lines begin with."""
    return textwrap.dedent(code).strip("\n")


def indented_as(code: str, original: str) -> str:
    """`code`, which `shown_code` gave, with the indentation of `original` and its last newline."""
    first = next((line for line in original.splitlines() if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    return textwrap.indent(code, margin) + ("\n" if original.endswith("\n") else "")


def _task(one: Fields, told: Fields) -> SuiteTask:
    _only(one, "[[tasks]]", ("id", "prompt", "solutions", "tests", "file"))
    name = _text(one, "id", "[[tasks]]")
    file = one.get("file", told.get("file"))
    if not isinstance(file, str) or not file or file.startswith("/") or ".." in file:
        raise BadTasks(f"task {name}: file: expected the name of the file that a candidate becomes")
    tests = tuple(_test(test, name) for test in _tables(one, "tests"))
    if not tests:
        raise BadTasks(f"task {name}: expected tests, each with stdin and stdout")
    return SuiteTask(
        name, _text(one, "prompt", f"task {name}"), file, _texts(one, "solutions"), tests
    )


def _test(one: Fields, task: str) -> Test:
    _only(one, f"a test of {task}", ("stdin", "stdout"))
    stdout = one.get("stdout")
    if stdout is not None and not isinstance(stdout, str):
        raise BadTasks(f"task {task}: stdout: expected a text")
    return Test(str(one.get("stdin", "")), stdout)


def _only(one: Fields, where: str, known: Sequence[str]) -> None:
    if unknown := sorted(set(one) - set(known)):
        raise BadTasks(f"{where}: unknown {unknown[0]!r}: expected {', '.join(known)}")


def _text(one: Fields, name: str, where: str) -> str:
    value = one.get(name)
    if not isinstance(value, str) or not value:
        raise BadTasks(f"{where}: {name}: expected a text")
    return value


def _texts(one: Fields, name: str) -> tuple[str, ...]:
    value = one.get(name, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadTasks(f"{name}: expected a list of texts")
    return tuple(value)


def _patterns(told: Fields, name: str) -> tuple[str, ...]:
    patterns = _texts(told, name)
    for one in patterns:
        parts = PurePosixPath(one).parts
        if not parts or parts[0] == "/" or ".." in parts:
            raise BadTasks(f"{name}: {one!r}: expected a pattern of files below the folder")
    return patterns


def _shown(told: Fields) -> tuple[str, ...]:
    paths = _texts(told, "shown")
    for path in paths:
        parts = PurePosixPath(path).parts
        if parts[:1] != ("/",) or ".." in parts:
            raise BadTasks(f"shown: {path!r}: expected the whole path of a folder, from / on")
        if len(parts) < 2 or parts[1] in _OF_THE_SANDBOX:
            raise BadTasks(f"shown: {path} is a place of the sandbox's own: name another folder")
    return paths


def _tables(one: Fields, name: str) -> list[Fields]:
    value = one.get(name, [])
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise BadTasks(f"{name}: expected a list of tables")
    return value


def _table(one: Fields, name: str) -> Fields:
    value = one.get(name, {})
    if not isinstance(value, dict):
        raise BadTasks(f"{name}: expected a table")
    return value

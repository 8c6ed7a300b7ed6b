"""Run the demo's tests on functions that a model wrote, in the sandbox. Acts."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from judge.train.sandbox import Box, Ended, Program, SandboxBroken, SandboxUnavailable

PASSED = "all tests pass"
WALL_S = 20.0
_MB = 1 << 20
LIMITS = {"CPU": 15, "CORE": 0, "DATA": 1024 * _MB, "FSIZE": 16 * _MB, "NOFILE": 64, "NPROC": 64}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests of a function ended.

    passed  True or False, or None where they could not be run on this machine
    detail  one line: which test failed, or why they could not be run
    """

    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Runner:
    """How one language is run: the executable (None: not on this machine) and the program."""

    executable: Callable[[], str | None]
    arguments: tuple[str, ...]
    file: str
    opening: str
    closing: str


RUNNERS: Mapping[str, Runner] = {
    "python": Runner(
        lambda: str(Path(sys.executable).resolve()), ("-I", "-S", "-B"), "task.py", "",
        f"print({PASSED!r})",
    ),
    "javascript": Runner(
        lambda: shutil.which("node"), ("--max-old-space-size=256",), "task.mjs",
        'import assert from "node:assert/strict";', f'console.log("{PASSED}");',
    ),
}  # fmt: skip


class Bench:
    """One sandbox for all tests of the demo. Use as a context manager.

    Where the machine has no sandbox nothing is run, and every outcome is None with the reason.
    """

    def __init__(self) -> None:
        node = shutil.which("node")
        python = [str(Path(sys.executable).resolve()), sysconfig.get_path("stdlib")]
        self._box = Box("programs", shown=[*python, *([node] if node else [])], limits=LIMITS)
        self._refusal = ""

    def __enter__(self) -> Self:
        try:
            self._box.start()
        except SandboxUnavailable as error:
            self._refusal = str(error)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._refusal:
            self._box.stop()

    def run(self, language: str, code: str, tests: str) -> Outcome:
        """Run `tests` after `code`, and say how that ended. `language` is a key of RUNNERS."""
        runner = RUNNERS[language]
        executable = runner.executable()
        if self._refusal or executable is None:
            return Outcome(None, self._refusal or f"{language} is not on the path")
        source = "\n".join([runner.opening, code, tests, runner.closing, ""])
        try:
            ended = self._box.run(
                Program([executable, *runner.arguments, runner.file], {runner.file: source},
                        wall_s=WALL_S)
            )  # fmt: skip
        except SandboxBroken as error:
            return Outcome(None, str(error) or "the sandbox ended")
        return outcome_of(ended, source)


def outcome_of(ended: Ended, source: str) -> Outcome:
    """What the end of a test program means."""
    if ended.status == 0 and ended.stdout.rstrip().endswith(PASSED):
        return Outcome(True, PASSED)
    if ended.ended_by == "time":
        return Outcome(False, f"did not end within {WALL_S:g} s")
    lines = source.splitlines()
    places = re.findall(r"task\.(?:py\", line |mjs:)(\d+)", ended.stderr)
    tested = [lines[int(n) - 1].strip() for n in places if int(n) <= len(lines)]
    failed = next((line for line in tested if line.startswith("assert")), "")
    errors = re.findall(r"^\w*(?:Error|Exception)\b.*$", ended.stderr, re.MULTILINE)
    return Outcome(False, (failed or (errors or [f"exit {ended.status}"])[-1])[:200])

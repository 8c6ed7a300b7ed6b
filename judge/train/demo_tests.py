"""Run the demo's tests on a function: Python in the sandbox, JavaScript with node. Acts."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

NODE_LIMIT_S = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests of a function ended.

    passed  True or False, or None where they could not be run on this machine
    detail  one line: what failed first, or why they could not be run
    """

    passed: bool | None
    detail: str


def run_tests(language: str, code: str, tests: str) -> Outcome:
    """Run `tests` after `code`, and say how that ended. `language` is a key of RUNNERS."""
    return RUNNERS[language](code, tests)


def _javascript(code: str, tests: str) -> Outcome:
    node = shutil.which("node")
    if node is None:
        return Outcome(None, "there is no node on the path")
    program = f'import assert from "node:assert/strict";\n{code}\n{tests}\n'
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed argument list; the code ships with us
                [node, "--input-type=module", "-"],
                input=program,
                cwd=folder,
                env={"PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=NODE_LIMIT_S,
            )
        except subprocess.TimeoutExpired:
            return Outcome(False, f"did not end within {NODE_LIMIT_S} s")
    if done.returncode == 0:
        return Outcome(True, "all tests pass")
    errors = [line.strip() for line in done.stderr.splitlines() if "Error" in line]
    return Outcome(False, (errors or [f"exit {done.returncode}"])[0][:200])


RUNNERS: Mapping[str, Callable[[str, str], Outcome]] = {"javascript": _javascript}

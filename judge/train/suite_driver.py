"""Act inside a cell: run one command on the inputs of a task's tests, and write what came of it.

Started by `judge.train.suite_label` in a bare interpreter; standard library only. The inputs lie in
a file that is gone before the first command starts, the password comes on standard input, and what
the command should write is not in this cell. Where the command tells the end of its tests by a
password (`judge.train.suite_python`), that is drawn here, anew for each.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

MOST_BYTES = 65_536


def main() -> None:
    """Run the command of `tests.json` on each of its inputs."""
    password = sys.stdin.readline().strip()
    plan = json.loads(Path("tests.json").read_text(encoding="utf-8"))
    Path("tests.json").unlink()
    Path(__file__).unlink()
    told = [
        _run(plan["command"], stdin, plan["each_s"], driven=plan["driven"])
        for stdin in plan["inputs"]
    ]
    os.write(1, f"\n{password}{json.dumps(told)}\n".encode())


def _run(command: list[str], stdin: str, each_s: float, *, driven: bool) -> list[object]:
    """Status, first of what it wrote, last of both outputs, and the tests that passed or None."""
    password = secrets.token_hex(16) if driven else ""
    given = f"{password}\n{stdin}" if driven else stdin
    with contextlib.suppress(subprocess.TimeoutExpired, OSError):
        done = subprocess.run(  # noqa: S603 - in a cell of the sandbox
            command, input=given.encode(), capture_output=True, timeout=each_s, check=False
        )
        ran = _ran(done.stdout, password) if driven else None
        both = done.stdout + b"\n" + done.stderr
        return [done.returncode, _text(done.stdout[:MOST_BYTES]), _text(both[-MOST_BYTES:]), ran]
    return [-9, "", "", None]


def _ran(stdout: bytes, password: str) -> int | None:
    _, found, told = stdout.rpartition(f"\n{password}".encode())
    number = told.split(b"\n")[0]
    return int(number) if found and number.isdigit() else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


if __name__ == "__main__":
    main()

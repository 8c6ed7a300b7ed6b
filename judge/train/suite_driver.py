"""Act inside a cell: run one command on the inputs of a task's tests, and write what came of it.

Started by `judge.train.suite_label` in a bare interpreter; standard library only. The inputs lie in
a file that is gone before the first command starts, the password comes on standard input, and what
the command should write is not in this cell.
"""

from __future__ import annotations

import contextlib
import json
import os
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
    told = [_run(plan["command"], stdin, plan["each_s"]) for stdin in plan["inputs"]]
    os.write(1, f"\n{password}{json.dumps(told)}\n".encode())


def _run(command: list[str], stdin: str, each_s: float) -> list[object]:
    with contextlib.suppress(subprocess.TimeoutExpired, OSError):
        done = subprocess.run(  # noqa: S603 - in a cell of the sandbox
            command, input=stdin.encode(), capture_output=True, timeout=each_s, check=False
        )
        return [done.returncode, done.stdout[:MOST_BYTES].decode("utf-8", "replace")]
    return [-9, ""]


if __name__ == "__main__":
    main()

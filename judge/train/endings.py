"""Decide what became of a candidate from how its program ended. No I/O.

A harness gets a password that no candidate can know, and writes it after the tests have passed.
When they have not, its last line is `{"kind": "assertion" | "exception" | "compile", "name": …}`.
"""

from __future__ import annotations

import json

from judge.train.sandbox import Ended

_SIGKILL, _SIGXCPU = 9, 24


def read(ended: Ended, password: str) -> str:
    """The name of the outcome, as in `judge.train.outcomes.Outcome`."""
    lines = ended.stdout.strip().splitlines()
    last = lines[-1].strip() if lines else ""
    if ended.status == 0 and not ended.ended_by and last == password:
        return "passed"
    if ended.ended_by == "output":
        return "exception:TooMuchOutput"
    if ended.ended_by == "cell":
        return "harness:Cell"
    if ended.ended_by == "time" or ended.status in (-_SIGKILL, -_SIGXCPU):
        return "timeout"
    if last.startswith("{"):
        return _told(last)
    if "heap out of memory" in ended.stderr or "OutOfMemoryError" in ended.stderr:
        return "exception:OutOfMemory"
    return "exception:Exit" if ended.status >= 0 else f"exception:Signal{-ended.status}"


def _told(line: str) -> str:
    try:
        told = json.loads(line)
    except ValueError:
        return "exception:Exit"
    kind, name = told.get("kind"), str(told.get("name"))[:40]
    if kind == "exception":
        return f"exception:{name}"
    return kind if kind in ("assertion", "compile") else "exception:Exit"

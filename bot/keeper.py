"""Outlive the supervisor just long enough to stop what it started. Acts; standard library only.

`gavel up` runs this file as a process of its own session and holds its standard input open. Lines
tell it what exists: `+PGID` and `-PGID` for process groups, `/PATH` for a folder. When the input
ends, for whatever reason (a clean stop, an exception, SIGKILL), every group still listed is
terminated, then killed, and the folders are removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable

GRACE_S = 5.0


def main(lines: Iterable[str]) -> None:
    """Keep account of `lines` until they end, then clean up."""
    groups: set[int] = set()
    folders: set[str] = set()
    for line in lines:
        text = line.rstrip("\n")
        if text.startswith("+"):
            groups.add(int(text[1:]))
        elif text.startswith("-"):
            groups.discard(int(text[1:]))
        elif text.startswith("/"):
            folders.add(text)
    stop_groups(groups, grace_s=GRACE_S, wait=time.sleep)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def stop_groups(groups: Iterable[int], *, grace_s: float, wait: Callable[[float], None]) -> None:
    """SIGTERM to every process group, SIGKILL to those that are there after `grace_s` seconds."""
    left = {group for group in groups if _send(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        wait(0.05)
        left = {group for group in left if _send(group, 0)}
    for group in left:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Whether there was anyone in `group` to receive the signal; 0 only asks."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.stdin)

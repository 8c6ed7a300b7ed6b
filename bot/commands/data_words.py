"""Words and progress that the commands `gavel data …` share. They act on the terminal alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping


def told(counts: Mapping[str, int]) -> str:
    """Counts as one phrase, the largest first; "none" where there are none.

    >>> told({"passed": 1, "assertion": 3})
    'assertion 3, passed 1'
    """
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered) or "none"


def show_progress(things: str) -> Callable[[int, int], None]:
    """A callback that writes how many of the things are done, where a person is watching."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} {things}" + ("\n" if done == total else ""))
            sys.stderr.flush()

    return show

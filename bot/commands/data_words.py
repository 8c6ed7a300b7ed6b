"""Words and progress that the commands `gavel data …` share. They act on the terminal alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def told(counts: Mapping[str, int]) -> str:
    """Counts as one phrase, the largest first; "none" where there are none.

    >>> told({"passed": 1, "assertion": 3})
    'assertion 3, passed 1'
    """
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered) or "none"


def check_target(out: Path, *inputs: Path | None) -> None:
    """Raise WrongUse where `out` cannot be written, before hours of work, or is one of `inputs`."""
    from bot.problems import WrongUse

    if out.is_dir():
        raise WrongUse(f"{out} is a folder: name a file to write")
    if not out.parent.is_dir():
        raise WrongUse(f"{out.parent} is no folder: make it, or name another file to write")
    if not os.access(out.parent, os.W_OK):
        raise WrongUse(f"{out.parent} cannot be written to: name another file to write")
    held = [one for one in inputs if one is not None and one.is_file()]
    if any(out.is_file() and out.samefile(one) for one in held):
        raise WrongUse(f"{out} is what is read: name another file to write")


def show_progress(things: str) -> Callable[[int, int], None]:
    """A callback that writes how many of the things are done, where a person is watching."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} {things}" + ("\n" if done == total else ""))
            sys.stderr.flush()

    return show

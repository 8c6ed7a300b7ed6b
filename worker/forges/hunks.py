"""Decide the text of a file's part in a diff, as git writes it. No I/O."""

from __future__ import annotations

import difflib

UNSAFE = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def hunks_between(old: str, new: str) -> str:
    """The hunks that turn one text into another."""
    rows = list(difflib.unified_diff(_lines(old), _lines(new), n=3))[2:]  # without names
    return "".join(
        row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows
    )


def quoted_name(path: str) -> str:
    """A name as git writes it: in quotes where it holds what would end it."""
    if not any(mark in '"\\' or mark < " " for mark in path):
        return path
    return '"' + "".join(UNSAFE.get(m, m if m >= " " else f"\\{ord(m):03o}") for m in path) + '"'


def _lines(text: str) -> list[str]:
    """Lines that end at newlines alone, as git's do."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])

"""Decide the text of a diff from GitLab's account of the files that a change touches. No I/O."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from worker.forges.gitlab_answers import Change

DEV_NULL = "/dev/null"
UNSAFE = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Patch:
    """A file's change, and its hunks, or None where nobody has them."""

    change: Change
    hunks: str | None


def is_withheld(change: Change) -> bool:
    """Whether GitLab leaves the hunks out because there are too many of them."""
    return not change.diff and bool(change.collapsed or change.too_large)


def assemble(patches: Iterable[Patch]) -> str:
    """One unified diff of all files whose hunks are known, with git's headers."""
    return "".join(_one(patch.change, patch.hunks or "") for patch in patches)


def hunks_between(old: str, new: str) -> str:
    """The hunks that turn one text into another."""
    before, after = _lines(old), _lines(new)
    rows = list(difflib.unified_diff(before, after, n=3))[2:]  # without names
    return "".join(
        row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows
    )


def _lines(text: str) -> list[str]:
    """Lines that end at newlines alone, as git's do."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _one(change: Change, hunks: str) -> str:
    old, new = _quoted(f"a/{change.old_path}"), _quoted(f"b/{change.new_path}")
    head = [f"diff --git {old} {new}", *_modes(change)]
    if change.renamed_file:
        moved = (("rename from", change.old_path), ("rename to", change.new_path))
        head += [f"{word} {_quoted(path)}" for word, path in moved]
    if hunks.startswith("@@"):
        head += [
            f"--- {DEV_NULL if change.new_file else old}",
            f"+++ {DEV_NULL if change.deleted_file else new}",
        ]
    end = "" if not hunks or hunks.endswith("\n") else "\n"
    return "\n".join(head) + "\n" + hunks + end


def _modes(change: Change) -> list[str]:
    if change.new_file:
        return [f"new file mode {change.b_mode or '100644'}"]
    if change.deleted_file:
        return [f"deleted file mode {change.a_mode or '100644'}"]
    if change.a_mode and change.b_mode and change.a_mode != change.b_mode:
        return [f"old mode {change.a_mode}", f"new mode {change.b_mode}"]
    return []


def _quoted(path: str) -> str:
    """A name as git writes it: in quotes where it holds what would end it."""
    if not any(mark in '"\\' or mark < " " for mark in path):
        return path
    return '"' + "".join(UNSAFE.get(m, m if m >= " " else f"\\{ord(m):03o}") for m in path) + '"'

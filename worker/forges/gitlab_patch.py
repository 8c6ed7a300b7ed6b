"""Decide the text of a diff from GitLab's account of the files that a change touches. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from judge.diff_headers import WITHHELD
from worker.forges.gitlab_answers import Change
from worker.forges.hunks import quoted_name

DEV_NULL = "/dev/null"


@dataclass(frozen=True, slots=True)
class Patch:
    """A file's change and its hunks.

    withheld  added lines of which nobody has hunks, where there are any
    """

    change: Change
    hunks: str
    withheld: int = 0


def is_withheld(change: Change) -> bool:
    """Whether GitLab leaves the hunks out because there are too many of them.

    Older servers do not say so; there, nothing else explains why a file is listed.
    """
    is_explained = change.renamed_file or change.deleted_file or _has_new_mode(change)
    is_said = bool(change.collapsed or change.too_large)
    return not change.diff and (is_said or not is_explained)


def assemble(patches: Iterable[Patch]) -> str:
    """One unified diff of all files, with git's headers."""
    return "".join(_one(patch, patch.change, patch.hunks) for patch in patches)


def added_lines(old: bytes, new: bytes) -> int:
    """How many lines of `new` are not among those of `old`, at least one."""
    return max(1, sum((Counter(new.split(b"\n")) - Counter(old.split(b"\n"))).values()))


def _one(patch: Patch, change: Change, hunks: str) -> str:
    old, new = quoted_name(f"a/{change.old_path}"), quoted_name(f"b/{change.new_path}")
    head = [f"diff --git {old} {new}", *_modes(change)]
    if change.renamed_file:
        moved = (("rename from", change.old_path), ("rename to", change.new_path))
        head += [f"{word} {quoted_name(path)}" for word, path in moved]
    if patch.withheld:
        head.append(f"{WITHHELD}{patch.withheld}")
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
    if _has_new_mode(change):
        return [f"old mode {change.a_mode}", f"new mode {change.b_mode}"]
    return []


def _has_new_mode(change: Change) -> bool:
    is_kept = not (change.new_file or change.deleted_file)
    return is_kept and bool(change.a_mode and change.b_mode) and change.a_mode != change.b_mode

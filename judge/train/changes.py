"""Decide which rows a commit gives: functions around a fix, and changes that were to blame. No I/O.

The direction of a fix's diff gives its label away, so a fix is told by the function alone. A change
that a later fix blamed is told with its diff, beside another function of the same commit that no
fix ever touched.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.train import history_words as words
from judge.train.data import unformatted
from judge.train.history import Commit, Patch
from judge.train.history_functions import Unit, said

_HEAD = re.compile(r"^@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@", re.MULTILINE)
_SPACES = re.compile(r"\s+")
CONTEXT_CHARACTERS = 1_500
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: `owner/name`, and its licence as an SPDX id or "unknown"."""

    repository: str
    license: str


@dataclass(frozen=True, slots=True)
class Place:
    """A function in a file of a commit."""

    path: str
    language: str
    unit: Unit


def fix_pairs(
    before: Mapping[str, Unit], after: Mapping[str, Unit], language: str
) -> list[tuple[Unit, Unit]]:
    """The functions that are in both versions of a file and differ in more than layout and words
    for people: comments and docstrings.
    """
    pairs = [(old, after[name]) for name, old in before.items() if name in after]
    return [
        (old, new)
        for old, new in pairs
        if _plain(old.code) != _plain(new.code)
        and said(old.code, language) != said(new.code, language)
    ]


def fix_rows(
    origin: Origin, commit: Commit, place: Place, before: Unit, after: Unit
) -> list[dict[str, object]]:
    """The function before a fix (wrong) and after it (right), told alike."""
    told = {"diff": "", "context": "", "history": None}
    return [
        {**_row(origin, commit, Place(place.path, place.language, unit), label, "fix"), **told}
        for unit, label in ((before, 0), (after, 1))
    ]


def change_row(
    origin: Origin,
    commit: Commit,
    place: Place,
    before: Unit | None,
    *,
    label: int,
    context: str,
    history: Mapping[str, float],
    fixed_by: str = "",
) -> dict[str, object]:
    """The function as a commit proposed it, with its diff. `before` is None where it is new."""
    row = _row(origin, commit, place, label, "introduced")
    row["task_id"] = f"{origin.repository}@{commit.sha[:12]}"
    row["prompt"] = words.description(commit.title, _body(commit))
    return {
        **row,
        "diff": diff_of(place.path, before, place.unit),
        "context": context,
        "history": dict(history),
        "fixed_by": fixed_by,
    }


def diff_of(path: str, before: Unit | None, after: Unit) -> str:
    """The unified diff of one function, with three lines of context and the file's line numbers."""
    old = before.code.split("\n") if before is not None else []
    diff = difflib.unified_diff(old, after.code.split("\n"), "", "", n=3, lineterm="")
    text = "\n".join(list(diff)[2:])
    old_shift = before.start_line - 1 if before is not None else 0

    def moved(found: re.Match[str]) -> str:
        a, b = int(found.group(1)) + old_shift, int(found.group(3)) + after.start_line - 1
        return f"@@ -{a}{found.group(2)} +{b}{found.group(4)} @@"

    return f"--- a/{path}\n+++ b/{path}\n" + _HEAD.sub(moved, text) + "\n"


def context_of(units: Sequence[Unit], but: Unit) -> str:
    """The first lines of the file's other functions, those nearest to `but` first to stay."""
    near = sorted(units, key=lambda one: abs(one.start_line - but.start_line))
    kept: list[Unit] = []
    size = 0
    for one in near:
        line = _opening(one)
        if one.name == but.name or size + len(line) > CONTEXT_CHARACTERS:
            continue
        kept.append(one)
        size += len(line) + 1
    return "\n".join(_opening(one) for one in sorted(kept, key=lambda one: one.start_line))


def spread(patches: Sequence[Patch]) -> dict[str, float]:
    """How widely a commit spreads: files, folders, lines, and how evenly over the files (0 to 1).

    Evenness is the entropy of the changed lines over the files by its greatest value (Hassan 2009,
    "Predicting faults using the complexity of code changes").
    """
    paths = [patch.new or patch.old for patch in patches]
    sizes = [patch.added + patch.removed for patch in patches]
    return {
        "files": float(len(paths)),
        "folders": float(len({path.rpartition("/")[0] for path in paths})),
        "added": float(sum(patch.added for patch in patches)),
        "removed": float(sum(patch.removed for patch in patches)),
        "evenness": _evenness(sizes),
    }


def _evenness(sizes: Sequence[int]) -> float:
    shares = [size / sum(sizes) for size in sizes if size]
    if len(shares) < 2:
        return 0.0
    return round(-sum(one * math.log(one) for one in shares) / math.log(len(shares)), 3)


def license_of(text: str) -> str:
    """The SPDX id of a licence's text, or "unknown".

    >>> license_of("Permission is hereby granted, free of charge, to any person")
    'MIT'
    """
    plain = _SPACES.sub(" ", text).lower()
    found = {plain.find(phrase): name for name, phrase in reversed(_LICENSES) if phrase in plain}
    return found[min(found)] if found else "unknown"  # licences name others further down


_LICENSES = (
    ("AGPL-3.0", "gnu affero general public license"),
    ("LGPL", "gnu lesser general public license"),
    ("GPL", "gnu general public license"),
    ("MPL-2.0", "mozilla public license"),
    ("EPL", "eclipse public license"),
    ("Apache-2.0", "apache license"),
    ("BSL-1.0", "boost software license"),
    ("ISC", "permission to use, copy, modify, and/or distribute this software"),
    ("MIT", "permission is hereby granted, free of charge, to any person"),
    ("BSD", "redistribution and use in source and binary forms"),
    ("PSF-2.0", "python software foundation license"),
)


def _row(origin: Origin, commit: Commit, place: Place, label: int, kind: str) -> dict[str, object]:
    unit = place.unit
    identity = "\0".join((kind, origin.repository, commit.sha, place.path, unit.name, str(label)))
    return {
        "id": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "task_id": f"{origin.repository}@{commit.sha[:12]}:{place.path}:{unit.name}",
        "source": origin.repository,
        "language": place.language,
        "prompt": "",
        "code": unit.code,
        "label": label,
        "kind": kind,
        "generator": "",
        "label_from": "fix-commit",
        "license": origin.license,
        "commit": commit.sha,
        "path": place.path,
        "function": unit.name,
    }


def _body(commit: Commit) -> str:
    """A commit's body without what became its title."""
    return commit.body.partition("\n")[2] if commit.title != commit.subject else commit.body


def _opening(unit: Unit) -> str:
    lines = [line for line in unit.code.split("\n") if line.strip()]
    heads = [line for line in lines if not line.lstrip().startswith(("@", "//", "/*", "*", "#"))]
    return (heads or lines or [""])[0][:200]


def _plain(code: str) -> str:
    return "".join(unformatted(code).split())

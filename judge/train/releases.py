"""Decide which releases are compared, and which functions changed between them. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from packaging.version import InvalidVersion, Version

from judge.languages import language_of
from judge.train import history_words as words
from judge.train.changes import fix_pairs
from judge.train.history_functions import Unit, units

MAX_CHANGED = 30  # functions; a release that changed more is no patch


def patch_pairs(versions: Sequence[str]) -> list[tuple[str, str]]:
    """Versions that follow each other and differ in the third number alone, oldest first.

    >>> patch_pairs(["1.1.0", "1.0.2", "1.0.1", "2.0.0rc1"])
    [('1.0.1', '1.0.2')]
    """
    known = []
    for text in versions:
        try:
            version = Version(text)
        except InvalidVersion:
            continue
        if not version.is_prerelease and not version.is_devrelease:
            known.append((version, text))
    known.sort()
    return [
        (old[1], new[1])
        for old, new in pairwise(known)
        if old[0].release[:2] == new[0].release[:2] and new[0].micro == old[0].micro + 1
    ]


def changed_functions(
    before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, Unit, Unit]]:
    """Path, function before and function after, of files that both releases have.

    Nothing where more than MAX_CHANGED changed.
    """
    found = [
        (path, old, new)
        for path, text in sorted(after.items())
        if path in before and before[path] != text and words.is_source(path)
        for old, new in fix_pairs(
            units(before[path], language_of(path)),
            units(text, language_of(path)),
            language_of(path),
        )
    ]
    return found if len(found) <= MAX_CHANGED else []


def release_rows(
    package: str, pair: tuple[str, str], found: Sequence[tuple[str, Unit, Unit]], license_: str
) -> Iterator[dict[str, object]]:
    """Each function before (wrong) and after (right), told alike."""
    for path, old, new in found:
        task_id = f"{package}=={pair[1]}:{path}:{new.name}"
        for unit, label in ((old, 0), (new, 1)):
            identity = f"{task_id}\0{label}".encode("utf-8", "surrogatepass")
            yield {
                "id": hashlib.sha256(identity).hexdigest()[:16],
                "task_id": task_id,
                "source": package,
                "language": language_of(path),
                "prompt": "",
                "code": unit.code,
                "label": label,
                "generator": "",
                "label_from": "fix-commit",
                "license": license_,
                "kind": "release",
                "path": path,
                "function": unit.name,
            }

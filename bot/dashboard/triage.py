"""Decide which signals somebody should settle: code on which labels disagree. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from worker.feedback import labels
from worker.store.feedback import Kept


def disputed(kept: Sequence[Kept]) -> list[Kept]:
    """Of signals that come newest first, those about code that some call right and others wrong.

    What was taken back has no part in it, and neither has a word that its author took back by a
    later one. The same code in two repositories is two things.
    """
    of_repo: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for one in kept:
        if not one.undone_by:
            of_repo[one.given.forge, one.given.repo].append(one)
    torn = {repo: _torn(found) for repo, found in of_repo.items()}
    return [
        one
        for one in kept
        if not one.undone_by and one.given.fingerprint in torn[one.given.forge, one.given.repo]
    ]


def _torn(kept: Sequence[Kept]) -> set[str]:
    """Fingerprints of the code that has labels of both kinds."""
    said: dict[str, set[int]] = defaultdict(set)
    for one in labels(one.given for one in reversed(kept)):
        said[one.fingerprint].add(one.label)
    return {name for name, found in said.items() if len(found) > 1}

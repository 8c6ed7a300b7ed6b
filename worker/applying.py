"""Decide which suggestions a push has applied. No I/O.

Forges send no delivery about it, so the code is asked: where a function now reads as somebody
suggested, and the one that it replaces is gone, the suggestion was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judge.types import Snippet
from worker.feedback import Feedback, Signal
from worker.jobs import ChangeRef
from worker.suggestions import Weighed


def applied(
    change: ChangeRef, suggested: Iterable[Weighed], now: Sequence[Snippet], *, author: str
) -> tuple[Feedback, ...]:
    """One signal for each piece of code that a suggestion of the change has replaced.

    now     the snippets of the newest head
    author  of the change, who stands for whoever applied it: nobody tells who did
    """
    standing = {one.fingerprint for one in now}
    found: dict[str, Feedback] = {}
    for one in suggested:
        new, old = one.candidate.snippet.fingerprint, one.candidate.replaces
        if old and new != old and new in standing and old not in standing:
            found[old] = Feedback(
                forge=change.forge,
                delivery_id=f"applied:{old}:{new}:{change.number}:{change.repo}"[:200],
                repo=change.repo,
                number=change.number,
                fingerprint=old,
                signal=Signal.APPLIED,
                author=author,
                is_own=True,
                reason=one.candidate.author,
            )
    return tuple(found.values())

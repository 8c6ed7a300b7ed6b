"""Decide what a person means who closes a thread of ours: we were right, or wrong. No I/O.

A closed thread alone is often no more than a cleared list. Where the last words of a person in it
say that the finding is none, it is dismissed for that reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.escape import plain
from worker.feedback import Feedback, Signal
from worker.jobs import ChangeRef
from worker.types import Comment

MAX_REASON = 300  # characters
# Said of a finding that is none. What begins with "not" speaks of the words after it.
DISMISSES = re.compile(
    r"(?<!not a )(?<!no )\bfalse[- ](?:positive|alarm)|"
    r"\b(?:not|no|isn'?t|is\s+not)\s+(?:a|an|really\s+an?)?\s*(?:bug|issue|problem|error|mistake)\b|"
    r"\b(?:won'?t|will\s+not|wont)\s*-?fix\b|\bwontfix\b|"
    r"\bworks?\s+as\s+(?:intended|designed|expected)\b|\b(?:by\s+design|on\s+purpose)\b|"
    r"(?<!un)\bintention(?:al|ally)\b|\bthis\s+is\s+(?:intended|fine|correct|right|ok)\b|"
    r"\b(?:i\s+)?disagree\b|\bnot\s+(?:applicable|relevant|true)\b|"
    r"\bkein\s+(?:fehler|bug|problem)\b|\bfehlalarm\b|\b(?:so\s+gewollt|beabsichtigt|absicht)\b|"
    r"\bfaux\s+positif\b|\bpas\s+(?:un\s+)?(?:bug|problème|bogue)\b|\bc'?est\s+voulu\b|"
    r"\bfalso\s+positivo\b|\bno\s+es\s+un\s+(?:error|problema)\b|\bintencional\b|"
    r"误报|不是问题|不是错误|设计如此|故意|誤検知|意図的|仕様です|問題ありません",
    re.IGNORECASE,
)


def meant(words: str) -> tuple[Signal, str]:
    """What somebody says who closes a thread in which a person's last words were `words`.

    >>> meant("False positive: b is never 0")[0], meant("Good catch, fixed")[0]
    (<Signal.DISMISSED: 'dismissed'>, <Signal.RESOLVED: 'resolved'>)
    """
    told = plain(words, limit=MAX_REASON)
    if DISMISSES.search(told):
        return Signal.DISMISSED, told
    return Signal.RESOLVED, ""


def opinions(
    change: ChangeRef, comments: Iterable[Comment], *, author: str, known: Iterable[Feedback]
) -> tuple[Feedback, ...]:
    """What closed threads say that nobody has told yet.

    author  of the change
    known   signals of the repository: whoever said something of a comment is not asked again
    """
    heard = {(one.fingerprint, one.author) for one in known}
    found = []
    for one in comments:
        if one.closed_by and (one.fingerprint, one.closed_by) not in heard:
            signal, reason = meant(one.closed_words)
            found.append(
                Feedback(
                    forge=change.forge,
                    delivery_id=f"closed:{one.id}:{one.closed_by}:{change.repo}"[:200],
                    repo=change.repo,
                    number=change.number,
                    fingerprint=one.fingerprint,
                    signal=signal,
                    author=one.closed_by,
                    is_own=one.closed_by == author,
                    reason=reason,
                )
            )
    return tuple(found)

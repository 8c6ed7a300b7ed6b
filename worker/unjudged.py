"""Decide the words for a change that could not be judged. No I/O."""

from __future__ import annotations

from worker.escape import plain, prose
from worker.types import Conclusion, Review

MAX_REASON = 500  # characters


def unjudged(reason: str, *, requires_judgement: bool) -> Review:
    """A review without comments that says why there is no verdict, and that this is no pass.

    reason              one sentence; anything in it that came from the change is escaped here
    requires_judgement  the repository wants such a change to ask for a person
    """
    said = plain(reason, limit=MAX_REASON).rstrip(".")
    return Review(
        comments=(),
        resolve=(),
        annotations=(),
        conclusion=Conclusion.NOT_JUDGED,
        title="Gavel could not judge this change",
        summary=f"**Gavel could not judge this change**: {prose(said)}.\n\n"
        "This is not a pass: whether the code is correct is unknown.\n",
        requires_judgement=requires_judgement,
    )

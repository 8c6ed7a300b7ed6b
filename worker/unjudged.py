"""Decide the words for a change that could not be judged. No I/O."""

from __future__ import annotations

from worker.escape import plain
from worker.reasons import told
from worker.types import Conclusion, Review
from worker.words import words_of

MAX_REASON = 500  # characters


def unjudged(reason: str, *, requires_judgement: bool, locale: str = "en") -> Review:
    """A review without comments that says why there is no verdict, and that this is no pass.

    reason              one sentence; anything in it that came from the change is escaped here
    requires_judgement  the repository wants such a change to ask for a person
    """
    say = words_of(locale)
    title = say("Gavel could not judge this change")
    said = told(plain(reason, limit=MAX_REASON).rstrip("."), say)
    return Review(
        comments=(),
        resolve=(),
        annotations=(),
        conclusion=Conclusion.NOT_JUDGED,
        title=title,
        summary=f"**{title}**: {said}.\n\n"
        + say("This is not a pass: whether the code is correct is unknown.")
        + "\n",
        requires_judgement=requires_judgement,
    )

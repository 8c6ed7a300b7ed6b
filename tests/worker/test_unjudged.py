from __future__ import annotations

from worker.types import Conclusion
from worker.unjudged import MAX_REASON, unjudged


def test_it_says_why_and_that_it_is_no_pass() -> None:
    review = unjudged("the diff is too large", requires_judgement=True)
    assert review.conclusion is Conclusion.NOT_JUDGED
    assert review.requires_judgement
    assert review.comments == ()
    assert "could not judge" in review.title
    assert "the diff is too large" in review.summary
    assert "not a pass" in review.summary


def test_text_from_a_change_does_not_act_in_it() -> None:
    review = unjudged(
        "@everyone <img src=x> [a](http://b)\x1b[31m\n# big", requires_judgement=False
    )
    assert "`@everyone <img src=x> [a](http://b) # big`" in review.summary


def test_a_long_reason_is_cut() -> None:
    assert len(unjudged("x" * 10_000, requires_judgement=False).summary) < MAX_REASON + 200

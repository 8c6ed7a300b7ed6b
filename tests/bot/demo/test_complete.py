from __future__ import annotations

from dataclasses import replace

import pytest

from bot.demo.complete import what_is_wrong
from bot.demo.github_double_state import CheckRun, Comment, Review

HEAD = "a" * 40
COMMENT = Comment(1, 1, "o/r", 7, HEAD, "a.py", "Likely wrong", "g", 9, "RIGHT")
REVIEW = Review(1, "o/r", 7, HEAD, "COMMENT", "", "g", (COMMENT,))
CHECK = CheckRun(1, "o/r", "Gavel", HEAD, status="completed", conclusion="neutral")


def test_one_complete_review_and_one_concluded_check_are_what_is_wanted() -> None:
    assert what_is_wrong([REVIEW], [CHECK], head_sha=HEAD, recorded=1) == ""


@pytest.mark.parametrize(
    ("reviews", "checks", "recorded", "words"),
    [
        ([], [CHECK], 1, "received 0 reviews"),
        ([REVIEW, REVIEW], [CHECK], 1, "received 2 reviews"),
        ([replace(REVIEW, commit_id="b" * 40)], [CHECK], 1, "expected one of aaaaaaaaaaaa"),
        ([replace(REVIEW, comments=())], [CHECK], 0, "came with 0 comments"),
        ([REVIEW], [CHECK], 2, "1 comments, and 2 were recorded"),
        ([REVIEW], [], 1, "received 0 checks"),
        ([REVIEW], [CHECK, CHECK], 1, "received 2 checks"),
        ([REVIEW], [replace(CHECK, conclusion=None)], 1, "0 are concluded"),
        ([REVIEW], [replace(CHECK, status="in_progress")], 1, "0 are concluded"),
    ],
)
def test_anything_less_or_more_is_told(
    reviews: list[Review], checks: list[CheckRun], recorded: int, words: str
) -> None:
    assert words in what_is_wrong(reviews, checks, head_sha=HEAD, recorded=recorded)

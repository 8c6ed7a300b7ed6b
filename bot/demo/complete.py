"""Decide whether a forge received all of a review, and once. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from bot.demo.github_double_state import CheckRun, Review


def what_is_wrong(
    reviews: Sequence[Review], check_runs: Sequence[CheckRun], *, head_sha: str, recorded: int
) -> str:
    """Why the demo did not work, or "" where there is one complete review and one concluded check.

    head_sha  the commit that the review has to be of
    recorded  comments that the database holds as posted
    """
    if [one.commit_id for one in reviews] != [head_sha]:
        return f"the stand-in received {len(reviews)} reviews, expected one of {head_sha[:12]}"
    comments = len(reviews[0].comments)
    if not comments or comments != recorded:
        return f"the review came with {comments} comments, and {recorded} were recorded as posted"
    concluded = [one for one in check_runs if one.status == "completed" and one.conclusion]
    if len(concluded) != 1 or len(check_runs) != 1:
        return (
            f"the stand-in received {len(check_runs)} checks of which {len(concluded)} are "
            "concluded, expected one"
        )
    return ""

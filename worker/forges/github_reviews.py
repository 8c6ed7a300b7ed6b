"""Act on the reviews of a pull request: find ours, post one batched review per head."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from worker.forges.github_answers import PostedComment, PostedReview, User
from worker.forges.github_api import GitHubApi, Refused
from worker.forges.placement import with_comments
from worker.jobs import ChangeRef
from worker.render import MAX_COMMENT, cut
from worker.types import Comment, Review

FINGERPRINT = re.compile(r"<!-- gavel:fp=([0-9a-f]{16}) -->\s*\Z")


class Reviews:
    """Reviews and review comments of ours: told by a hidden last line, and by their author.

    The author counts because anybody can write the hidden line: without it, the author of a
    change could make a comment pass for one that already stands.
    """

    def __init__(self, api: GitHubApi, *, whoami: Callable[[], str]) -> None:
        self._api = api
        self._whoami = whoami

    def comments(self, change: ChangeRef) -> tuple[Comment, ...]:
        """Our comments on the change, on any head."""
        posted = self._api.pages(f"{_pull(change)}/comments", PostedComment)
        return tuple(ours for one in posted if (ours := self._ours(one)) is not None)

    def find(self, change: ChangeRef) -> PostedReview | None:
        """Our review of this head, if there is one."""
        for review in self._api.pages(f"{_pull(change)}/reviews", PostedReview):
            is_marked = (review.body or "").rstrip().endswith(_mark(change))
            if is_marked and self._is_me(review.user):
                return review
        return None

    def post(self, change: ChangeRef, review: Review) -> PostedReview | None:
        """One review with every comment of `review`; without them where GitHub refuses a line.

        None when GitHub takes no review of this head at all.
        """
        try:
            return self._send(change, review.summary, review.comments)
        except Refused as error:
            if error.status != 422:
                raise
        try:
            return self._send(change, with_comments(review.summary, review.comments), ())
        except Refused as error:
            if error.status != 422:
                raise
            return None

    def comment_ids(self, change: ChangeRef, review: PostedReview) -> tuple[str, ...]:
        """Ids of a review's comments, in the order in which they were sent."""
        path = f"{_pull(change)}/reviews/{review.id}/comments"
        return tuple(str(one.id) for one in self._api.pages(path, PostedComment))

    def _send(self, change: ChangeRef, summary: str, comments: Sequence[Comment]) -> PostedReview:
        body = {
            "commit_id": change.head_sha,
            "event": "COMMENT",
            "body": f"{cut(summary, MAX_COMMENT - 200)}\n\n{_mark(change)}",
            "comments": [_at_its_lines(comment) for comment in comments],
        }
        return self._api.send("POST", f"{_pull(change)}/reviews", PostedReview, body)

    def _ours(self, posted: PostedComment) -> Comment | None:
        found = FINGERPRINT.search(posted.body)
        if found is None or not self._is_me(posted.user):
            return None
        end = posted.line or posted.original_line or 1
        start = posted.start_line or posted.original_start_line or end
        return Comment(posted.path, min(start, end), end, posted.body, found[1], id=str(posted.id))

    def _is_me(self, user: User | None) -> bool:
        return user is not None and user.login == self._whoami()


def _pull(change: ChangeRef) -> str:
    return f"/repos/{change.repo}/pulls/{change.number}"


def _mark(change: ChangeRef) -> str:
    return f"<!-- gavel:head={change.head_sha} -->"


def _at_its_lines(comment: Comment) -> Mapping[str, object]:
    one_line = {
        "path": comment.path,
        "body": cut(comment.body, MAX_COMMENT),
        "line": comment.end_line,
        "side": "RIGHT",
    }
    if comment.start_line == comment.end_line:
        return one_line
    return {**one_line, "start_line": comment.start_line, "start_side": "RIGHT"}

"""Act on the reviews of a pull request: find ours, post one batched review per head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from worker.escape import code_span
from worker.forges.github_answers import PostedComment, PostedReview, User
from worker.forges.github_api import GitHubApi
from worker.forges.github_errors import Refused
from worker.forges.placement import Placed, without_suggestion
from worker.jobs import ChangeRef
from worker.marks import fingerprint_in
from worker.render import MAX_COMMENT, cut
from worker.types import Comment, Review

UNPROCESSABLE = 422


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
        return tuple(_comment(one) for one in self._posted(change))

    def ids_on_head(self, change: ChangeRef) -> tuple[str, ...]:
        """Ids of our comments that were posted on this head."""
        head = change.head_sha
        return tuple(str(c.id) for c in self._posted(change) if c.original_commit_id == head)

    def find(self, change: ChangeRef) -> PostedReview | None:
        """Our review of this head, if there is one."""
        for review in self._api.pages(f"{_pull(change)}/reviews", PostedReview):
            is_marked = (review.body or "").rstrip().endswith(_mark(change))
            if is_marked and self._is_me(review.user):
                return review
        return None

    def post(self, change: ChangeRef, review: Review, placed: Placed) -> tuple[Comment, ...]:
        """Post the comments; gives those that GitHub takes nowhere.

        All on lines go in one request. One that GitHub refuses would lose them all, so each
        then goes to its file, and what no file takes is the caller's to tell.
        """
        on_files = list(placed.on_files)
        if placed.on_lines:
            try:
                self._send(change, review, placed.on_lines)
            except Refused as error:
                if error.status != UNPROCESSABLE:
                    raise
                on_files += placed.on_lines
        refused = [one for one in on_files if not self._send_to_file(change, one)]
        return (*placed.nowhere, *refused)

    def _send(self, change: ChangeRef, review: Review, comments: Sequence[Comment]) -> None:
        body = {
            "commit_id": change.head_sha,
            "event": "COMMENT",
            "body": f"{cut(review.title, MAX_COMMENT - 200)}.\n\n{_mark(change)}",
            "comments": [_at_its_lines(comment) for comment in comments],
        }
        self._api.send("POST", f"{_pull(change)}/reviews", PostedReview, body)

    def _send_to_file(self, change: ChangeRef, comment: Comment) -> bool:
        """Whether GitHub takes the comment on its file as a whole."""
        lines = f"{code_span(comment.path)} lines {comment.start_line}-{comment.end_line}:"
        body = {
            "commit_id": change.head_sha,
            "path": comment.path,
            "subject_type": "file",
            "body": cut(f"{lines}\n\n{without_suggestion(comment).body}", MAX_COMMENT),
        }
        try:
            self._api.send("POST", f"{_pull(change)}/comments", PostedComment, body)
        except Refused as error:
            if error.status != UNPROCESSABLE:
                raise
            return False
        return True

    def _posted(self, change: ChangeRef) -> Sequence[PostedComment]:
        listed = self._api.pages(f"{_pull(change)}/comments", PostedComment)
        return [one for one in listed if fingerprint_in(one.body) and self._is_me(one.user)]

    def _is_me(self, user: User | None) -> bool:
        return user is not None and user.login == self._whoami()


def _comment(posted: PostedComment) -> Comment:
    end = posted.line or posted.original_line or 1
    start = posted.start_line or posted.original_start_line or end
    fingerprint = fingerprint_in(posted.body)
    return Comment(posted.path, min(start, end), end, posted.body, fingerprint, id=str(posted.id))


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

"""Act on GitHub: a change's state, diff and files in; one review and one check out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from worker.forges.base import Forbidden, Unavailable
from worker.forges.github_answers import Pull, Whoami
from worker.forges.github_api import GitHubApi, Refused, quoted
from worker.forges.github_checks import Checks
from worker.forges.github_reviews import Reviews
from worker.forges.github_talk import Talk
from worker.forges.placement import place, with_comments
from worker.jobs import ChangeRef, Remark
from worker.types import Comment, Commit, Description, Published, Review

DIFF = "application/vnd.github.v3.diff"  # docs.github.com/rest/pulls/pulls#get-a-pull-request


class GitHubForge:
    """Pull requests of GitHub and GitHub Enterprise Server. See `Forge` for the contract."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._reviews = Reviews(api, whoami=self._whoami)
        self._checks = Checks(api, whoami=self._whoami)
        self._talk = Talk(api, whoami=self._whoami)
        self._login = ""

    def describe(self, change: ChangeRef) -> Description:
        """The pull request as it stands now."""
        pull = self._api.get(_path(change), Pull)
        return Description(
            head_sha=pull.head.sha,
            base_sha=pull.base.sha,
            title=pull.title,
            body=pull.body or "",
            author=pull.user.login if pull.user else "ghost",
            is_open=pull.state == "open",
            is_draft=pull.draft,
        )

    def diff(self, change: ChangeRef) -> str:
        """The pull request's diff; raises Unavailable when its head moved in the meantime."""
        try:
            text = self._api.text(_path(change), accept=DIFF)
        except Refused as error:
            if error.status != 406:
                raise
            raise Forbidden(
                f"GitHub does not serve the diff of {change.repo}#{change.number}: it has more "
                "than 20,000 lines, 1 MB or 300 files; split the change to have it judged"
            ) from error
        if self.describe(change).head_sha != change.head_sha:
            raise Unavailable(
                f"{change.key}: the head moved while its diff was read", retry_after_s=1.0
            )
        return text

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file of at most 1 MB in UTF-8, or None."""
        asked = quoted(path)
        if asked is None:
            return None
        try:
            answer = self._api.raw_json(f"/repos/{change.repo}/contents/{asked}", ref=sha)
        except Refused as error:
            if error.status == 404 or "too_large" in str(error) or "too large" in str(error):
                return None
            raise
        return _text(answer)

    def comments(self, change: ChangeRef) -> Sequence[Comment]:
        """Our own review comments, on any head. REST does not tell whether they are resolved."""
        return self._reviews.comments(change)

    def announce(self, change: ChangeRef) -> None:
        """Show the check as running."""
        self._checks.announce(change)

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Post one review, or none when there is nothing to comment on; conclude the check."""
        review_id, comment_ids = self._post(change, review)
        check_id = self._checks.conclude(change, review)
        return Published(review_id=review_id, check_id=check_id, comment_ids=comment_ids)

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push to the repository."""
        return self._talk.may_write(change, login)

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """Review comments of others on lines that the diff still shows."""
        return self._talk.remarks(change)

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Answer in the thread, or under the pull request."""
        return self._talk.reply(change, remark, body)

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """The commits of the pull request; GitHub lists at most 250."""
        return self._talk.commits(change)

    def _post(self, change: ChangeRef, review: Review) -> tuple[str, tuple[str, ...]]:
        posted = self._reviews.find(change)
        if posted is None and not review.comments:
            return "", ()
        try:
            if posted is None:
                placed = place(review, self._diff_or_none(change))
                posted = self._reviews.post(change, placed)
        except Refused as error:
            if error.status != 403:
                raise
            return "", ()  # the check tells all of it, or fails in turn
        if posted is None:
            said = with_comments(review.summary, review.comments)
            return self._checks.comment(change, said), ()
        return str(posted.id), self._reviews.comment_ids(change, posted)

    def _diff_or_none(self, change: ChangeRef) -> str:
        """The diff, or "" where GitHub does not serve it: no comment can then have a line."""
        try:
            return self.diff(change)
        except Forbidden as error:
            if isinstance(error.__cause__, Refused) and error.__cause__.status == 406:
                return ""
            raise

    def _whoami(self) -> str:
        """The login under which we write, asked for once and only when it is needed."""
        if not self._login:
            self._login = self._api.graphql("query { viewer { login } }", Whoami).data.viewer.login
        return self._login


def _path(change: ChangeRef) -> str:
    return f"/repos/{change.repo}/pulls/{change.number}"


def _text(answer: object) -> str | None:
    """The text in an answer of the contents API; None for a folder, a link or a binary file."""
    if not isinstance(answer, dict) or answer.get("type") != "file":
        return None
    if answer.get("encoding") != "base64":  # "none" above 1 MB
        return None
    try:
        data = base64.b64decode(str(answer.get("content", "")))
        return None if b"\0" in data else data.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None

"""Act on GitHub: a change's state, diff and files in; one review and one check out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from worker.forges.base import Unavailable
from worker.forges.github_answers import Branch, Pull, Whoami
from worker.forges.github_api import GitHubApi
from worker.forges.github_checks import Checks
from worker.forges.github_commits import Commits
from worker.forges.github_errors import Refused
from worker.forges.github_files import Files
from worker.forges.github_reviews import Reviews
from worker.forges.github_talk import Talk
from worker.forges.github_threads import Threads
from worker.forges.paths import quoted
from worker.forges.placement import sort_by_place, with_comments
from worker.jobs import ChangeRef, Remark
from worker.types import Comment, Commit, Description, Published, Review

TOO_LARGE, FORBIDDEN = 406, 403
DIFF = "application/vnd.github.v3.diff"  # docs.github.com/rest/pulls/pulls#get-a-pull-request


class GitHubForge:
    """Pull requests of GitHub and GitHub Enterprise Server. See `Forge` for the contract."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._reviews = Reviews(api, whoami=self._whoami)
        self._checks = Checks(api, whoami=self._whoami)
        self._threads = Threads(api)
        self._files = Files(api, text_at=self._text_at)
        self._talk = Talk(api, whoami=self._whoami)
        self._commits = Commits(api)
        self._login = ""

    def describe(self, change: ChangeRef) -> Description:
        """The pull request as it stands now, and the newest commit of the branch it goes to."""
        pull = self._api.get(_path(change), Pull)
        return Description(
            head_sha=pull.head.sha,
            base_sha=self._tip(change, pull),
            title=pull.title,
            body=pull.body or "",
            author=pull.user.login if pull.user else "ghost",
            is_open=pull.state == "open",
            is_draft=pull.draft,
        )

    def diff(self, change: ChangeRef) -> str:
        """The pull request's diff; raises Unavailable when its head moved in the meantime.

        Above 20,000 lines, 1 MB or 300 files GitHub serves none: the files are then asked for.
        """
        try:
            text = self._api.text(_path(change), accept=DIFF)
        except Refused as error:
            if error.status != TOO_LARGE:
                raise
            text = self._files.diff(change, base_sha=self._api.get(_path(change), Pull).base.sha)
        if self._api.get(_path(change), Pull).head.sha != change.head_sha:
            raise Unavailable(
                f"{change.key}: the head moved while its diff was read", retry_after_s=1.0
            )
        return text

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file of at most 1 MB in UTF-8, or None."""
        asked = quoted(path, safe="/")
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
        """Our own review comments, on any head; resolved where their threads are."""
        ours = self._reviews.comments(change)
        threads = self._threads.by_comment(change) if ours else {}
        mine = self._whoami() if threads else ""
        return [threads[one.id].told(one, mine=mine) if one.id in threads else one for one in ours]

    def announce(self, change: ChangeRef) -> None:
        """Show the check as running."""
        self._api.patiently(lambda: self._checks.announce(change))

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Post one review, or none when there is nothing to comment on; conclude the check."""
        return self._api.patiently(lambda: self._publish(change, review))

    def _publish(self, change: ChangeRef, review: Review) -> Published:
        review_id, comment_ids, told = self._post(change, review)
        check_id = self._checks.conclude(change, replace(review, summary=told))
        return Published(review_id=review_id, check_id=check_id, comment_ids=comment_ids)

    def conclude(self, change: ChangeRef, review: Review) -> str:
        """Conclude the check of a head, such as that of a group in the merge queue."""
        return self._api.patiently(lambda: self._checks.conclude(change, review))

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push to the repository."""
        return self._talk.may_write(change, login)

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """Review comments of others on lines that the diff still shows."""
        return self._talk.remarks(change)

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Answer in the thread, or under the pull request."""
        return self._api.patiently(lambda: self._talk.reply(change, remark, body))

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """The commits of the pull request; GitHub lists at most 250."""
        return self._commits.of_pull(change)

    def commit_diff(self, change: ChangeRef, sha: str) -> str | None:
        """The diff of a commit; None above 20,000 lines or 1 MB."""
        return self._commits.diff(change, sha)

    def landed(self, change: ChangeRef, *, since: datetime) -> Sequence[Commit]:
        """Commits of the base branch since then."""
        return self._commits.landed(change, since=since)

    def _post(self, change: ChangeRef, review: Review) -> tuple[str, tuple[str, ...], str]:
        """Ids of the review and of its comments, and the summary with what has no other place."""
        told = review.summary
        if self._api.is_refused("pull_requests"):
            return "", (), told  # the check tells all of it
        try:
            told = self._say(change, review)
            self._threads.resolve(change, review.resolve)
            summary_id = self._checks.summarize(change, told, is_new=bool(review.comments))
            posted = self._reviews.find(change)
            return str(posted.id) if posted else summary_id, self._reviews.ids_on_head(change), told
        except Refused as error:
            if error.status != FORBIDDEN:
                raise
            return "", (), told  # the check tells all of it, or fails in turn

    def _say(self, change: ChangeRef, review: Review) -> str:
        """Post the comments that do not stand yet; gives the summary with those left over."""
        if not review.comments:
            return review.summary
        standing = {one.fingerprint for one in self._reviews.comments(change)}
        new = [one for one in review.comments if one.fingerprint not in standing]
        if not new:
            return review.summary
        left = self._reviews.post(change, review, sort_by_place(new, self.diff(change)))
        return with_comments(review.summary, left)

    def _tip(self, change: ChangeRef, pull: Pull) -> str:
        """The newest commit of the base branch, which the pull request itself may not know."""
        branch = quoted(pull.base.ref, safe="/")
        if branch is None:
            return pull.base.sha
        try:
            path = f"/repos/{change.repo}/git/ref/heads/{branch}"
            return self._api.get(path, Branch).object.sha
        except Refused as error:
            if error.status != 404:
                raise
            return pull.base.sha

    def _text_at(self, change: ChangeRef) -> Callable[[str, str], str | None]:
        return lambda path, sha: self.file(change, path, sha=sha)

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

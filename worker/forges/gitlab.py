"""Act on GitLab: a change's state, diff and files in; threads, a summary and a status out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from judge.diff import DiffError, FileDiff, parse
from worker.forges.base import Forbidden, Unavailable
from worker.forges.gitlab_answers import Branch, Discussion, MergeRequest, User
from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.gitlab_commits import Commits
from worker.forges.gitlab_diffs import Diffs, merge_request
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_status import Statuses
from worker.forges.gitlab_talk import Talk
from worker.forges.gitlab_threads import Threads
from worker.forges.placement import sort_by_place, with_comments
from worker.jobs import ChangeRef, GroupRef, Remark
from worker.types import Comment, Commit, Description, Published, Review


class GitLabForge:
    """Merge requests of gitlab.com and of self-managed GitLab. See `Forge` for the contract."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api
        self._diffs = Diffs(api)
        self._threads = Threads(api, whoami=self._whoami)
        self._talk = Talk(api, whoami=self._whoami)
        self._statuses = Statuses(api)
        self._commits = Commits(api)
        self._username = ""

    def describe(self, change: ChangeRef) -> Description:
        """The merge request as it stands now."""
        found = self._merge_request(change)
        return Description(
            head_sha=_head(change, found),
            base_sha=self._tip(change, found.target_branch),
            title=found.title,
            body=found.description or "",
            author=found.author.username if found.author else "ghost",
            is_open=found.state == "opened",
            is_draft=found.draft,
        )

    def diff(self, change: ChangeRef) -> str:
        """The diff of the merge request; raises Unavailable when its head moved meanwhile."""
        text = self._diffs.text(change)
        if _head(change, self._merge_request(change)) != change.head_sha:
            raise Unavailable(
                f"{change.key}: the head moved while its diff was read", retry_after_s=1.0
            )
        return text

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file of at most 1 MB in UTF-8, or None."""
        return self._diffs.file(change, path, sha=sha)

    def comments(self, change: ChangeRef) -> Sequence[Comment]:
        """Our own comments, on any head, with their threads open or resolved."""
        return self._threads.ours(self._threads.discussions(change))

    def announce(self, change: ChangeRef) -> None:
        """Show the check as running."""
        self._statuses.announce(change, self._merge_request(change))

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Post the comments together and bring the summary up to date; conclude the check."""
        found = self._merge_request(change)
        review_id, comment_ids = self._post(change, review)
        check_id = self._statuses.conclude(change, found, review)
        if not check_id and not review_id:  # nothing else tells how the review ends
            discussions = self._threads.discussions(change)
            review_id = str(self._talk.summarize(change, review.summary, discussions).id)
        check_id = check_id or review_id
        return Published(review_id=review_id, check_id=check_id, comment_ids=comment_ids)

    def conclude(self, change: ChangeRef, review: Review) -> str:
        """Conclude the check of a commit; "" where we may not, or its own review will.

        What waits as a group is a pipeline: of the merged result, of a merge train, or the head's.
        """
        found = self._merge_request(change)
        if isinstance(change, GroupRef):
            return self._statuses.join(change, found, review)
        return self._statuses.conclude(change, found, review)

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push to the project."""
        return self._talk.may_write(change, login)

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """Notes of others on lines that the diff still shows."""
        return self._talk.remarks(change, self._threads.discussions(change))

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Answer in the thread, or under the merge request."""
        return self._talk.reply(change, remark, body, self._threads.discussions(change))

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """The commits of the merge request."""
        return self._commits.of_request(change)

    def commit_diff(self, change: ChangeRef, sha: str) -> str | None:
        """The diff of a commit; None where GitLab leaves out some of it."""
        return self._commits.diff(change, sha)

    def landed(self, change: ChangeRef, *, since: datetime) -> Sequence[Commit]:
        """Commits of the target branch since then."""
        branch = self._merge_request(change).target_branch
        return self._commits.landed(change, branch, since=since)

    def _post(self, change: ChangeRef, review: Review) -> tuple[str, tuple[str, ...]]:
        """Ids of the summary and of this head's comments; none where we may not write notes."""
        try:
            return self._say(change, review)
        except Refused as error:
            if error.status != 403:
                raise
            return "", ()  # the check tells all of it, or fails in turn

    def _say(self, change: ChangeRef, review: Review) -> tuple[str, tuple[str, ...]]:
        discussions = self._threads.discussions(change)
        standing = {one.fingerprint for one in self._threads.ours(discussions)}
        new = [one for one in review.comments if one.fingerprint not in standing]
        left = self._comment(change, new) if new else ()
        self._threads.resolve(change, discussions, set(review.resolve))
        if new:
            discussions = self._threads.discussions(change)
        note = self._talk.summary(discussions)
        if review.comments or note is not None:
            told = with_comments(review.summary, left)
            note = self._talk.summarize(change, told, discussions)
        return str(note.id) if note else "", self._ids_on(change, discussions)

    def _comment(self, change: ChangeRef, comments: Sequence[Comment]) -> tuple[Comment, ...]:
        """Post comments on their lines or their files; gives those whose file is not changed."""
        diff = self.diff(change)
        placed = sort_by_place(comments, diff)
        somewhere = (*placed.on_lines, *placed.on_files)
        if somewhere:
            version, files = self._diffs.version(change), _files(diff)
            self._threads.post(change, somewhere, files=files, version=version)
        return placed.nowhere

    def _ids_on(self, change: ChangeRef, discussions: Sequence[Discussion]) -> tuple[str, ...]:
        on_head = [one for one in discussions if one.notes and _is_on(one, change.head_sha)]
        return tuple(one.id for one in self._threads.ours(on_head))

    def _merge_request(self, change: ChangeRef) -> MergeRequest:
        return self._api.get(merge_request(change), MergeRequest)

    def _tip(self, change: ChangeRef, branch: str) -> str:
        """The newest commit of a branch."""
        path = f"{project_path(change.repo)}/repository/branches/{quote(branch, safe='')}"
        return self._api.get(path, Branch).commit.id

    def _whoami(self) -> str:
        """The username under which we write, asked for once and only when it is needed."""
        if not self._username:
            self._username = self._api.get("/user", User).username
        return self._username


def _head(change: ChangeRef, found: MergeRequest) -> str:
    if found.sha is None:
        raise Forbidden(f"{change.repo}!{change.number} has no head: its source branch is gone")
    return found.sha


def _files(diff: str) -> Mapping[str, FileDiff]:
    try:
        return {file.path: file for file in parse(diff)}
    except DiffError:
        return {}


def _is_on(discussion: Discussion, head_sha: str) -> bool:
    position = discussion.notes[0].position
    return position is not None and position.head_sha == head_sha

"""Act on a forge that lives in memory, for tests and dry runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker.forges.base import ForgeError, Unavailable
from worker.forges.placement import place
from worker.jobs import ChangeRef, Remark
from worker.types import Comment, Commit, Conclusion, Description, Published, Review


@dataclass(frozen=True, slots=True)
class _Done:
    ids: Published
    conclusion: Conclusion


@dataclass(slots=True)
class MemoryForge:
    """One change, as a forge would hold it. It keeps what is posted and can be told to fail.

    diff       unified diff from the merge base to the head
    files      texts by (commit, path); a missing key is a missing file
    failures   raised one by one, first first, by the next calls of any method
    announced  heads whose check is shown as running, in order, each once
    published  reviews as they were posted, in order; one per head and conclusion
    standing   our comments on the change, on any head
    writers    logins that may push
    said       remarks of people and other bots
    answers    our answers by the id of the remark
    history    the commits of the change
    on_base    the commits of the base branch, the oldest first
    commit_diffs  diff of each commit that has one
    """

    description: Description
    diff_text: str = ""
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    failures: list[ForgeError] = field(default_factory=list)
    announced: list[ChangeRef] = field(default_factory=list)
    published: list[Review] = field(default_factory=list)
    standing: list[Comment] = field(default_factory=list)
    writers: frozenset[str] = frozenset()
    said: list[Remark] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    history: tuple[Commit, ...] = ()
    on_base: tuple[Commit, ...] = ()
    commit_diffs: dict[str, str] = field(default_factory=dict)
    _by_head: dict[str, _Done] = field(default_factory=dict)

    def push(self, head_sha: str, diff: str) -> None:
        """Move the change's head, as a push does."""
        self.description = replace(self.description, head_sha=head_sha)
        self.diff_text = diff

    def describe(self, change: ChangeRef) -> Description:
        """The change as it stands now."""
        self._fail_if_told()
        return self.description

    def diff(self, change: ChangeRef) -> str:
        """The seeded diff; raises Unavailable when the head has moved on."""
        self._fail_if_told()
        if change.head_sha != self.description.head_sha:
            raise Unavailable(f"{change.key}: the head moved while its diff was read")
        return self.diff_text

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """The seeded text of `path` at `sha`, or None."""
        self._fail_if_told()
        return self.files.get((sha, path))

    def comments(self, change: ChangeRef) -> Sequence[Comment]:
        """Our comments that stand on the change."""
        self._fail_if_told()
        return tuple(self.standing)

    def announce(self, change: ChangeRef) -> None:
        """Show the check of this head as running, once."""
        self._fail_if_told()
        if change not in self.announced:
            self.announced.append(change)

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Keep the review of this head; the same once more gives the ids of the first."""
        self._fail_if_told()
        done = self._by_head.get(change.head_sha)
        if done is not None and done.conclusion is review.conclusion:
            return done.ids
        placed = place(review, self.diff_text) if review.comments else review
        ids = Published(
            review_id=done.ids.review_id if done is not None else "",
            check_id=f"check-{change.head_sha}",
            comment_ids=done.ids.comment_ids if done is not None else (),
        )
        if review.comments and not ids.review_id:
            posted = self._post(placed.comments)
            ids = replace(ids, review_id=f"review-{change.head_sha}", comment_ids=posted)
        self._resolve(review.resolve)
        self.published.append(placed)
        self._by_head[change.head_sha] = _Done(ids, review.conclusion)
        return ids

    def conclude(self, change: ChangeRef, review: Review) -> str:
        """Keep how the check of a head ends."""
        self._fail_if_told()
        check_id = f"check-{change.head_sha}"
        self._by_head[change.head_sha] = _Done(Published("", check_id, ()), review.conclusion)
        return check_id

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` is one of the writers."""
        self._fail_if_told()
        return login in self.writers

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """The remarks on lines."""
        self._fail_if_told()
        return tuple(one for one in self.said if one.path)

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Keep the answer to a remark; there is one at most."""
        self._fail_if_told()
        self.answers[remark.id] = body
        return f"answer-{remark.id}"

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """The seeded commits."""
        self._fail_if_told()
        return self.history

    def commit_diff(self, change: ChangeRef, sha: str) -> str | None:
        """The seeded diff of a commit."""
        self._fail_if_told()
        return self.commit_diffs.get(sha)

    def landed(self, change: ChangeRef, *, since: datetime) -> Sequence[Commit]:
        """The seeded commits of the base branch."""
        self._fail_if_told()
        return tuple(one for one in self.on_base if one.at is None or one.at >= since)

    @property
    def concluded(self) -> Mapping[str, Conclusion]:
        """How the check of each head ended, where it has."""
        return {head: done.conclusion for head, done in self._by_head.items()}

    def _post(self, comments: Sequence[Comment]) -> tuple[str, ...]:
        posted = [
            replace(comment, id=f"comment-{number}")
            for number, comment in enumerate(comments, start=len(self.standing) + 1)
        ]
        self.standing.extend(posted)
        return tuple(comment.id for comment in posted)

    def _resolve(self, ids: Sequence[str]) -> None:
        for index, comment in enumerate(self.standing):
            if comment.id in ids:
                self.standing[index] = replace(comment, is_resolved=True)

    def _fail_if_told(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

"""The values that the stand-in of GitHub keeps. Decides nothing and does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Change:
    """A pull request. `diffs` holds the diff of every head that it had, newest last."""

    repo: str
    number: int
    title: str
    body: str
    author: str
    base_sha: str
    head_sha: str
    diffs: dict[str, str]
    base_ref: str = "main"
    head_ref: str = "change"
    is_open: bool = True
    is_draft: bool = False
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a change."""

    sha: str
    author: str
    message: str
    at: str = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Comment:
    """A review comment as it was posted; `line` and `start_line` count on `side`.

    line         0 where it stands on the whole file
    in_reply_to  id of the comment that began its thread, None for that one itself
    """

    id: int
    review_id: int
    repo: str
    number: int
    commit_id: str
    path: str
    body: str
    author: str
    line: int
    side: str
    start_line: int | None = None
    start_side: str | None = None
    in_reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A submitted review with its comments, in the order in which they were sent."""

    id: int
    repo: str
    number: int
    commit_id: str
    event: str
    body: str
    author: str
    comments: tuple[Comment, ...] = ()


@dataclass(slots=True)
class CheckRun:
    """A check run; `annotations` are all those that its updates appended."""

    id: int
    repo: str
    name: str
    head_sha: str
    external_id: str = ""
    status: str = "queued"
    conclusion: str | None = None
    title: str | None = None
    summary: str | None = None
    annotations: list[Mapping[str, object]] = field(default_factory=list)
    actions: list[Mapping[str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status; the newest of a context counts."""

    id: int
    repo: str
    sha: str
    state: str
    context: str
    description: str


@dataclass(slots=True)
class IssueComment:
    """A comment under a pull request, outside of reviews."""

    id: int
    repo: str
    number: int
    body: str
    author: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived, and what it was answered with.

    answer       the JSON in the answer, None where there is none
    agent        the User-Agent, which tells whose request it is
    is_told      the answer is a failure that the stand-in was told to give
    """

    method: str
    path: str
    query: Mapping[str, str]
    accept: str
    body: Mapping[str, object]
    status: int
    answer: object = None
    answer_type: str = ""
    agent: str = ""
    is_told: bool = False


@dataclass(slots=True)
class Failure:
    """An answer to give instead of the real one.

    times      how many matching requests get it
    method     only this one, or "" for any
    path       only paths that contain this
    is_late    the request is carried out before its answer is lost
    """

    status: int
    times: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    is_late: bool


@dataclass(slots=True)
class State:
    """Everything that the stand-in knows.

    files     contents by (repo, commit, path)
    resolved  ids of the first comments of threads that are closed
    closers   login of the person who closed such a thread
    commits   (repo, commit) that belong to no change, such as the head of a merge group
    writers   logins that may push
    landed    commits of a branch, the oldest first, by (repo, branch)
    commit_diffs  diff of a commit by (repo, commit)
    """

    changes: dict[tuple[str, int], Change] = field(default_factory=dict)
    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    issue_comments: list[IssueComment] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    resolved: set[int] = field(default_factory=set)
    closers: dict[int, str] = field(default_factory=dict)
    commits: set[tuple[str, str]] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)
    landed: dict[tuple[str, str], list[Commit]] = field(default_factory=dict)
    commit_diffs: dict[tuple[str, str], str] = field(default_factory=dict)
    last_id: int = 1000

    def next_id(self) -> int:
        """A number that no other thing has."""
        self.last_id += 1
        return self.last_id

    def has_repo(self, repo: str) -> bool:
        """Whether some change belongs to `repo`."""
        return any(known == repo for known, _ in self.changes)

    def has_commit(self, repo: str, sha: str) -> bool:
        """Whether `sha` is a head or base of a change in `repo`, or was added to it."""
        return (repo, sha) in self.commits or any(
            sha == change.base_sha or sha in change.diffs
            for change in self.changes.values()
            if change.repo == repo
        )

    def comments_of(self, change: Change) -> list[Comment]:
        """Every review comment on a change, in the order in which they came."""
        where = (change.repo, change.number)
        reviews = [one for one in self.reviews if (one.repo, one.number) == where]
        return sorted((c for one in reviews for c in one.comments), key=lambda one: one.id)

    def replace_comment(self, comment: Comment) -> None:
        """Put `comment` in the place of the one with its id."""
        for at, review in enumerate(self.reviews):
            kept = tuple(comment if c.id == comment.id else c for c in review.comments)
            self.reviews[at] = replace(review, comments=kept)

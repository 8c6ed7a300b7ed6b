"""The parts of GitHub's answers that we read. Decides nothing and does no I/O.

GitHub adds fields at any time, so unknown ones are ignored.
"""

from __future__ import annotations

from pydantic import BaseModel


class User(BaseModel):
    """Who did something."""

    login: str


class Commit(BaseModel):
    """One end of a pull request: its commit, and the branch, which may have moved on."""

    sha: str
    ref: str = ""


class Pull(BaseModel):
    """A pull request."""

    title: str
    body: str | None = None
    state: str
    draft: bool = False
    user: User | None = None
    head: Commit
    base: Commit


class _Tip(BaseModel):
    sha: str


class Branch(BaseModel):
    """A branch and its newest commit."""

    object: _Tip


class PostedReview(BaseModel):
    """A review of a pull request."""

    id: int
    body: str | None = None
    user: User | None = None


class PostedComment(BaseModel):
    """A review comment; a review's own list leaves the lines out, an outdated one has none."""

    id: int
    path: str
    body: str
    user: User | None = None
    line: int | None = None
    start_line: int | None = None
    original_line: int | None = None
    original_start_line: int | None = None
    original_commit_id: str = ""


class IssueComment(BaseModel):
    """A comment under a pull request."""

    id: int
    body: str | None = None
    user: User | None = None


class CheckOutput(BaseModel):
    """What a check run shows."""

    title: str | None = None
    annotations_count: int = 0


class CheckRun(BaseModel):
    """A check run on a commit."""

    id: int
    external_id: str | None = None
    status: str
    conclusion: str | None = None
    output: CheckOutput = CheckOutput()


class CommitStatus(BaseModel):
    """A commit status; the newest of a context counts."""

    id: int
    context: str
    state: str
    description: str | None = None


class _Viewer(BaseModel):
    viewer: User


class Whoami(BaseModel):
    """The answer to `query { viewer { login } }`."""

    data: _Viewer

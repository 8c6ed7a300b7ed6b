"""The parts of GitLab's answers that we read. Decides nothing and does no I/O.

GitLab adds fields at any time, so unknown ones are ignored. docs.gitlab.com/api
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class User(BaseModel):
    """Who did something."""

    username: str
    id: int = 0


class Pipeline(BaseModel):
    """The newest pipeline of a merge request."""

    id: int
    sha: str
    ref: str = ""


class MergeRequest(BaseModel):
    """A merge request; `sha` is its head, None where the source branch is gone. `changes_count`
    ends with "+" where it has more files than GitLab lists."""

    title: str
    description: str | None = None
    state: str
    draft: bool = False
    author: User | None = None
    sha: str | None = None
    source_branch: str
    target_branch: str
    changes_count: str | None = None
    head_pipeline: Pipeline | None = None


class BranchCommit(BaseModel):
    """The tip of a branch."""

    id: str


class Branch(BaseModel):
    """A branch."""

    commit: BranchCommit


class Version(BaseModel):
    """One push to a merge request. The three commits are those of a comment's position."""

    id: int
    head_commit_sha: str
    base_commit_sha: str
    start_commit_sha: str


class Change(BaseModel):
    """What a merge request does to one file; `diff` begins with its first hunk."""

    old_path: str
    new_path: str
    a_mode: str | None = None
    b_mode: str | None = None
    diff: str | None = None
    new_file: bool = False
    renamed_file: bool = False
    deleted_file: bool = False
    collapsed: bool | None = False
    too_large: bool | None = False


class Line(BaseModel):
    """One end of a range."""

    old_line: int | None = None
    new_line: int | None = None


class Range(BaseModel):
    """The lines that a note is about, where there are several."""

    start: Line | None = None
    end: Line | None = None


class Position(BaseModel):
    """Where a note stands; the lines are those of `head_sha`."""

    head_sha: str | None = None
    new_path: str | None = None
    new_line: int | None = None
    line_range: Range | None = None


class Note(BaseModel):
    """One note of a discussion."""

    id: int
    body: str
    author: User | None = None
    system: bool = False
    resolvable: bool = False
    resolved: bool = False
    resolved_by: User | None = None
    position: Position | None = None


class Discussion(BaseModel):
    """A thread, or a note that stands alone."""

    id: str
    notes: list[Note] = []


class Draft(BaseModel):
    """A note that only its author sees yet."""

    id: int
    note: str = ""
    position: Position | None = None


class CommitStatus(BaseModel):
    """A commit status, which GitLab also shows as an external job of a pipeline."""

    id: int
    name: str
    status: str
    description: str | None = None
    pipeline_id: int | None = None


class StatusCheck(BaseModel):
    """An external status check of a merge request."""

    id: int
    name: str
    status: str = ""


class Member(BaseModel):
    """A member of a project, or of a group above it."""

    username: str
    access_level: int
    state: str = "active"


class CommitAnswer(BaseModel):
    """A commit of a merge request."""

    id: str
    message: str = ""
    title: str = ""
    author_name: str = ""
    author_email: str = ""
    created_at: datetime | None = None
    committed_date: datetime | None = None

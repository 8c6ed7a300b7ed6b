"""The values that the stand-in of GitLab keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Version:
    """One push to a merge request."""

    id: int
    head: str
    base: str
    start: str


@dataclass
class Change:
    """A merge request; `diffs` by head, `withheld` the paths whose hunks are left out."""

    repo: str
    iid: int
    title: str
    body: str
    author: str
    head: str
    diffs: dict[str, str]
    versions: list[Version]
    source_branch: str = "change"
    target_branch: str = "main"
    state: str = "opened"
    draft: bool = False
    pipeline: dict[str, object] | None = None
    withheld: frozenset[str] = frozenset()
    commits: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Note:
    id: int
    body: str
    author: str
    position: dict[str, object] | None = None
    type: str | None = None
    system: bool = False
    resolved: bool = False
    resolved_by: str = ""

    @property
    def resolvable(self) -> bool:
        return self.type is not None


@dataclass
class Discussion:
    id: str
    repo: str
    iid: int
    notes: list[Note]
    individual: bool = False


@dataclass
class Draft:
    id: int
    repo: str
    iid: int
    note: str
    author: str
    position: dict[str, object] | None = None


@dataclass
class Status:
    id: int
    repo: str
    sha: str
    status: str
    name: str
    description: str | None
    ref: str | None
    pipeline_id: int | None


@dataclass
class StatusCheck:
    id: int
    repo: str
    name: str
    status: str = "pending"
    sha: str = ""


@dataclass
class Request:
    """One request as it arrived, the status it was answered with, and the answer's JSON."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, object]
    status: int
    answer: object
    authorization: str


@dataclass
class Failure:
    """An answer to give instead of the real one; late ones only after the request was served."""

    status: int
    times: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    is_late: bool


@dataclass
class State:
    """Everything that the stand-in knows.

    `files` by (repo, commit, path), `landed` by (repo, branch), `commit_diffs` by (repo, commit),
    `hooks` with the fields that were sent, "id" and "repo".
    """

    changes: dict[tuple[str, int], Change] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    landed: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    commit_diffs: dict[tuple[str, str], str] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    status_checks: list[StatusCheck] = field(default_factory=list)
    hooks: list[dict[str, object]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    last_id: int = 1000

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def next_discussion_id(self) -> str:
        return hashlib.sha1(str(self.next_id()).encode(), usedforsecurity=False).hexdigest()

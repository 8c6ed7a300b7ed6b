"""The port to every forge, and the two ways in which one can fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from worker.jobs import ChangeRef, Remark
from worker.types import Comment, Commit, Description, Published, Review

MAX_LANDED = 2_000  # commits of a base branch that are looked at


class ForgeError(Exception):
    """A forge refused or failed. Subclasses say whether trying again can help."""


class Unavailable(ForgeError):
    """Network trouble, 5xx or rate limit: retry after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Hiccup(Unavailable):
    """No answer, half an answer or a 5xx, and no word of when to come back: a read may be
    repeated at once, a write may have been carried out."""


class Limited(Unavailable):
    """The forge did nothing and asks for a pause of `retry_after_s` seconds: whoever acts as the
    same account is to leave it alone for so long."""


class Forbidden(ForgeError):
    """Missing permission, or the change is gone: retrying cannot help."""


class Forge(Protocol):
    """What the reviewer needs of a forge: whole jobs, no endpoints.

    Every method raises `Unavailable` or `Forbidden` and nothing else of its client's.
    """

    def describe(self, change: ChangeRef) -> Description:
        """The change as it stands now."""
        ...

    def diff(self, change: ChangeRef) -> str:
        """Unified diff from the merge base to `change.head_sha`."""
        ...

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file at a commit, or None where there is no such text file."""
        ...

    def comments(self, change: ChangeRef) -> Sequence[Comment]:
        """Our own comments on the change, told by their fingerprints, on any head."""
        ...

    def announce(self, change: ChangeRef) -> None:
        """Show that judging has begun. Harmless when repeated."""
        ...

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Post one batched review and conclude the check. Harmless when repeated."""
        ...

    def conclude(self, change: ChangeRef, review: Review) -> str:
        """Conclude the check of a head and say nothing on the change; gives the check's id."""
        ...

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push to the repository: only such people command the reviewer."""
        ...

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """What people and other bots wrote on lines of the change, the oldest first; not ours."""
        ...

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Answer a remark in its thread; returns the answer's id. Harmless when repeated.

        body  Markdown whose hidden last line names the remark: an answer of ours that ends
              alike is brought up to date instead
        """
        ...

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """The commits of the change, the oldest first, at most as many as the forge lists."""
        ...

    def commit_diff(self, change: ChangeRef, sha: str) -> str | None:
        """Unified diff of one commit to its first parent, or None where the forge serves none."""
        ...

    def landed(self, change: ChangeRef, *, since: datetime) -> Sequence[Commit]:
        """Commits of the base branch since then, the oldest first, at most MAX_LANDED, with
        their times."""
        ...

"""A forge that is a folder: a diff and files come in, a review goes out. It acts on files.

    FOLDER/change.json     head_sha, base_sha, title, author
    FOLDER/change.diff     from the merge base to the head
    FOLDER/SHA/PATH        texts of files at a commit
    FOLDER/review.md       what Gavel says, written by `publish`
    FOLDER/review.json     the comments that stand

FOLDER is the environment's EXAMPLE_FORGE. A change's `repo` and `number` are not looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from worker.forges.base import Forbidden, Forge
from worker.jobs import ChangeRef, Remark
from worker.settings import WorkerSettings
from worker.types import Comment, Commit, Description, Published, Review


@dataclass(frozen=True, slots=True)
class FolderForge:
    """One change in one folder. See `Forge` for what each method owes its caller."""

    folder: Path

    def describe(self, change: ChangeRef) -> Description:
        """What change.json says. Raises Forbidden."""
        told = json.loads(self._text("change.json"))
        return Description(
            head_sha=told["head_sha"],
            base_sha=told["base_sha"],
            title=told.get("title", ""),
            body=told.get("body", ""),
            author=told.get("author", ""),
            is_open=True,
            is_draft=False,
        )

    def diff(self, change: ChangeRef) -> str:
        """The diff. Raises Forbidden."""
        return self._text("change.diff")

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file, never of one outside the commit's folder."""
        top = (self.folder / sha).resolve()
        found = (top / path).resolve()
        if not found.is_relative_to(top) or not found.is_file():
            return None
        return found.read_text(encoding="utf-8", errors="replace")

    def comments(self, change: ChangeRef) -> Sequence[Comment]:
        """The comments of earlier reviews."""
        kept = self.folder / "review.json"
        rows = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else []
        return [Comment(**row) for row in rows]

    def announce(self, change: ChangeRef) -> None:
        """A folder shows nothing that has only begun."""

    def publish(self, change: ChangeRef, review: Review) -> Published:
        """Write the review; the same once more writes the same."""
        standing = list(self.comments(change))
        new = [
            replace(one, id=str(number))
            for number, one in enumerate(review.comments, start=len(standing) + 1)
        ]
        rows = [asdict(one) for one in (*standing, *new)]
        self._write("review.json", json.dumps(rows, indent=2))
        words = [f"{one.path}:{one.start_line}\n\n{one.body}" for one in (*standing, *new)]
        self._write("review.md", "\n\n---\n\n".join([f"# {review.title}", review.summary, *words]))
        return Published("review", change.head_sha, tuple(one.id for one in new))

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Nobody commands the reviewer of a folder."""
        return False

    def remarks(self, change: ChangeRef) -> Sequence[Remark]:
        """Nobody writes remarks into a folder."""
        return ()

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """Refused: there are no remarks to answer."""
        raise Forbidden("a folder holds no remarks to answer")

    def commits(self, change: ChangeRef) -> Sequence[Commit]:
        """A folder knows no commits."""
        return ()

    def commit_diff(self, change: ChangeRef, sha: str) -> str | None:
        """A folder knows no commits."""
        return None

    def landed(self, change: ChangeRef, *, since: datetime) -> Sequence[Commit]:
        """A folder has no base branch."""
        return ()

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except OSError as error:
            raise Forbidden(f"{self.folder / name} cannot be read: {error.strerror}") from error

    def _write(self, name: str, text: str) -> None:
        try:
            (self.folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise Forbidden(f"{self.folder / name} cannot be written: {error.strerror}") from error


def open_forge(settings: WorkerSettings, installation_id: int | None) -> Forge:
    """The forge in the folder that EXAMPLE_FORGE names. Raises Forbidden."""
    folder = os.environ.get("EXAMPLE_FORGE", "")
    if not folder:
        raise Forbidden("EXAMPLE_FORGE is not set: name the folder with the change")
    return FolderForge(Path(folder))

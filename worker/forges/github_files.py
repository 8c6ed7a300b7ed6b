"""Act on a pull request that is too large for one diff: the same diff, file by file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import BaseModel

from judge.diff_headers import DEV_NULL, WITHHELD
from worker.forges.base import Forbidden
from worker.forges.github_api import GitHubApi
from worker.forges.hunks import hunks_between, quoted_name
from worker.jobs import ChangeRef

MAX_FILES = 3_000  # docs.github.com/rest/pulls/pulls#list-pull-requests-files
MAX_FETCHED = 50  # files whose hunks are made of both texts, two requests each
MAX_ADDED = 3_000  # of a file whose hunks are made of both texts; more are not judged anyway

TextAt = Callable[[str, str], str | None]


class ChangedFile(BaseModel):
    """A file of a pull request; large and binary ones have no patch."""

    filename: str
    status: str
    additions: int
    deletions: int
    patch: str | None = None
    previous_filename: str | None = None

    @property
    def old_name(self) -> str:
        """The name before the change."""
        return self.previous_filename or self.filename


class _Found(BaseModel):
    sha: str


class _Comparison(BaseModel):
    merge_base_commit: _Found


class Files:
    """Every file of a change as GitHub lists it, up to the 3,000 that it lists.

    text_at  gives the text of a file at a commit, path first; None where there is no such text
    """

    def __init__(self, api: GitHubApi, *, text_at: Callable[[ChangeRef], TextAt]) -> None:
        self._api = api
        self._text_at = text_at

    def diff(self, change: ChangeRef, *, base_sha: str) -> str:
        """A unified diff; a file of which GitHub shows nothing is named, with its size.

        Raises Forbidden where GitHub lists no more files: what it leaves out would pass unseen.
        """
        path = f"/repos/{change.repo}/pulls/{change.number}/files"
        listed = list(self._api.pages(path, ChangedFile))
        if len(listed) >= MAX_FILES:
            raise Forbidden(
                f"GitHub lists only {MAX_FILES:,} of the files of this change: "
                "it is too large to be judged whole"
            )
        wanted = [one for one in listed if _can_be_made(one)][:MAX_FETCHED]
        made = dict(self._made(change, base_sha, wanted)) if wanted else {}
        return "".join(section(one, made.get(one.filename, one.patch or "")) for one in listed)

    def _made(
        self, change: ChangeRef, base_sha: str, files: list[ChangedFile]
    ) -> Iterator[tuple[str, str]]:
        """Hunks by name, made of the texts at both ends."""
        text_at = self._text_at(change)
        compared = f"/repos/{change.repo}/compare/{base_sha}...{change.head_sha}"
        start = self._api.get(compared, _Comparison, per_page="1").merge_base_commit.sha
        for file in files:
            new = text_at(file.filename, change.head_sha)
            old = "" if file.status == "added" else text_at(file.old_name, start)
            if new is not None and old is not None:
                yield file.filename, hunks_between(old, new)


def section(file: ChangedFile, hunks: str) -> str:
    """The part of `file` in a unified diff, with git's headers."""
    old, new = quoted_name(f"a/{file.old_name}"), quoted_name(f"b/{file.filename}")
    head = [f"diff --git {old} {new}"]
    if file.status == "renamed":
        head += [f"rename from {quoted_name(file.old_name)}"]
        head += [f"rename to {quoted_name(file.filename)}"]
    if file.status in {"added", "removed"}:
        head += [f"{'new' if file.status == 'added' else 'deleted'} file mode 100644"]
    if hunks:
        head += [f"--- {DEV_NULL if file.status == 'added' else old}"]
        head += [f"+++ {DEV_NULL if file.status == 'removed' else new}"]
    elif file.additions:
        head += [f"{WITHHELD}{file.additions}"]
    elif file.status == "modified" and not file.deletions:
        head += [f"Binary files {old} and {new} differ"]
    end = "" if not hunks or hunks.endswith("\n") else "\n"
    return "\n".join(head) + "\n" + hunks + end


def _can_be_made(file: ChangedFile) -> bool:
    return file.patch is None and 0 < file.additions <= MAX_ADDED

"""Act on what a merge request changes: its diff, and files at a commit."""

from __future__ import annotations

from worker.forges.base import Forbidden, Unavailable
from worker.forges.gitlab_answers import Change, MergeRequest, Version
from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_patch import Patch, added_lines, assemble, is_withheld
from worker.forges.hunks import hunks_between
from worker.forges.paths import quoted
from worker.jobs import ChangeRef

MAX_DIFF_BYTES = 2_000_000  # of one change that is read whole; the list leaves out what is large
MAX_COUNTED_BYTES = 20_000_000  # of one file whose added lines are counted
MAX_FILE_BYTES = 1_000_000  # of one file that is read
HEAD_BYTES = 8_000  # where git looks for a NUL, to tell a binary file
ABSENT = frozenset({404, 405})


class Diffs:
    """Diffs, versions and files of merge requests."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def text(self, change: ChangeRef) -> str:
        """The unified diff of the newest head.

        GitLab 17.9 serves it whole. An older one lists the files, as it does for the largest
        diffs, and leaves out hunks that it finds too many: those are made here from both texts.
        Of a file that is too large for that, the diff only tells how many lines were added.
        Raises Forbidden where the list itself is cut: what it leaves out would pass unseen.
        """
        whole = self._whole(change)
        if whole is not None:
            return whole
        count = self._api.get(merge_request(change), MergeRequest).changes_count or ""
        if count.endswith("+"):  # docs.gitlab.com/api/merge_requests, get single merge request
            raise Forbidden(
                f"GitLab lists only {count.rstrip('+')} of the files of this change: "
                "it is too large to be judged whole"
            )
        listed = list(self._api.pages(f"{merge_request(change)}/diffs", Change))
        version = self.version(change) if any(map(is_withheld, listed)) else None
        return assemble(
            self._made(change, one, version)
            if version is not None and is_withheld(one)
            else Patch(one, one.diff or "")
            for one in listed
        )

    def version(self, change: ChangeRef) -> Version:
        """The push that made `change.head_sha`; raises Unavailable while GitLab prepares it."""
        versions = self._api.pages(f"{merge_request(change)}/versions", Version)
        newest = max(versions, key=lambda one: one.id, default=None)
        if newest is None or newest.head_commit_sha != change.head_sha:
            raise Unavailable(
                f"{change.key}: GitLab has no diff of this head, or not yet", retry_after_s=2.0
            )
        return newest

    def file(self, change: ChangeRef, path: str, *, sha: str) -> str | None:
        """Text of a file of at most 1 MB in UTF-8, or None."""
        asked = quoted(path, safe="")
        if asked is None:
            return None
        data = self._data(change, asked, sha=sha, limit=MAX_FILE_BYTES)
        return None if data is None else _text(data)

    def _whole(self, change: ChangeRef) -> str | None:
        try:
            data = self._api.data(f"{merge_request(change)}/raw_diffs", limit=MAX_DIFF_BYTES)
        except Refused as error:
            if error.status not in ABSENT:
                raise
            return None
        return None if data is None else data.decode("utf-8", "replace")

    def _made(self, change: ChangeRef, of: Change, version: Version) -> Patch:
        """The hunks that GitLab leaves out, made from both texts; where these are too large,
        how many lines were added."""
        new = b"" if of.deleted_file else self._most(change, of.new_path, change.head_sha)
        old = b"" if of.new_file else self._most(change, of.old_path, version.base_commit_sha)
        if b"\0" in new[:HEAD_BYTES] or b"\0" in old[:HEAD_BYTES]:
            return Patch(of, f"Binary files a/{of.old_path} and b/{of.new_path} differ\n")
        if max(len(new), len(old)) > MAX_FILE_BYTES:
            return Patch(of, "", withheld=added_lines(old, new))
        return Patch(of, hunks_between(_lenient(old), _lenient(new)))

    def _most(self, change: ChangeRef, path: str, sha: str) -> bytes:
        """A file, or its beginning where it is too large; empty where there is none."""
        asked = quoted(path, safe="")
        data = self._data(change, asked, sha=sha, limit=None) if asked else None
        return data or b""

    def _data(self, change: ChangeRef, asked: str, *, sha: str, limit: int | None) -> bytes | None:
        at = f"{project_path(change.repo)}/repository/files/{asked}/raw"
        try:
            if limit is None:
                return self._api.beginning(at, limit=MAX_COUNTED_BYTES, ref=sha)
            return self._api.data(at, limit=limit, ref=sha)
        except Refused as error:
            if error.status != 404:
                raise
            return None


def merge_request(change: ChangeRef) -> str:
    """Where a merge request lies."""
    return f"{project_path(change.repo)}/merge_requests/{change.number}"


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "replace")

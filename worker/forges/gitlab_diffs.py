"""Act on what a merge request changes: its diff, and files at a commit."""

from __future__ import annotations

from judge.languages import language_of
from worker.escape import plain
from worker.forges.base import Forbidden, Unavailable
from worker.forges.gitlab_answers import Change, Version
from worker.forges.gitlab_api import GitLabApi, project_path, quoted
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_patch import Patch, assemble, hunks_between, is_withheld
from worker.jobs import ChangeRef

MAX_DIFF_BYTES = 20_000_000  # of one change, as text
MAX_FILE_BYTES = 1_000_000  # of one file that is read
ABSENT = frozenset({404, 405})


class Diffs:
    """Diffs, versions and files of merge requests."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def text(self, change: ChangeRef) -> str:
        """The unified diff of the newest head; raises Forbidden where nobody serves all of it.

        GitLab 17.9 serves it whole. An older one lists the files, as it does for the largest
        diffs, and leaves out hunks that it finds too many: those are made here from both texts.
        """
        whole = self._whole(change)
        if whole is not None:
            return whole
        listed = list(self._api.pages(f"{merge_request(change)}/diffs", Change))
        withheld = [one for one in listed if is_withheld(one)]
        version = self.version(change) if withheld else None
        return assemble(
            Patch(
                one, self._hunks(change, one, version) if version and one in withheld else one.diff
            )
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
        asked = quoted(path)
        if asked is None:
            return None
        at = f"{project_path(change.repo)}/repository/files/{asked}/raw"
        try:
            data = self._api.data(at, limit=MAX_FILE_BYTES, ref=sha)
        except Refused as error:
            if error.status != 404:
                raise
            return None
        return _text(data)

    def _whole(self, change: ChangeRef) -> str | None:
        try:
            data = self._api.data(f"{merge_request(change)}/raw_diffs", limit=MAX_DIFF_BYTES)
        except Refused as error:
            if error.status not in ABSENT:
                raise
            return None
        return None if data is None else data.decode("utf-8", "replace")

    def _hunks(self, change: ChangeRef, of: Change, version: Version) -> str:
        """The hunks of a file whose hunks GitLab leaves out; none where it holds no code."""
        new = "" if of.deleted_file else self.file(change, of.new_path, sha=change.head_sha)
        old = "" if of.new_file else self.file(change, of.old_path, sha=version.base_commit_sha)
        if new is not None and old is not None:
            return hunks_between(old, new)
        if not language_of(of.new_path):
            return f"Binary files a/{of.old_path} and b/{of.new_path} differ\n"
        raise Forbidden(
            f"GitLab does not serve what {change.repo}!{change.number} does to "
            f"{plain(of.new_path)}, which is larger than 1 MB or no text: leave it out of the "
            "change to have the rest judged"
        )


def merge_request(change: ChangeRef) -> str:
    """Where a merge request lies."""
    return f"{project_path(change.repo)}/merge_requests/{change.number}"


def _text(data: bytes | None) -> str | None:
    if data is None or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None

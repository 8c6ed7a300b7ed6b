"""Act on the check of a head: a commit status, and external status checks where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from worker.escape import plain, shorten
from worker.forges.gitlab_answers import CommitStatus, MergeRequest, StatusCheck
from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.gitlab_diffs import merge_request
from worker.forges.gitlab_errors import Refused
from worker.jobs import ChangeRef
from worker.types import Conclusion, Review

STATUS_NAME = "gavel/review"
CHECK_NAME = "gavel"  # of an external status check that a project set up for us, in any case
MAX_DESCRIPTION = 140  # characters that GitLab's pages show without cutting
BEGUN = "Gavel is judging this change"
NO_PERMISSION = frozenset({403, 404})
SAME_STATE = "Cannot transition status"  # lib/api/commit_statuses.rb, with 400: or no such way

STATUS_WORDS: Final[Mapping[Conclusion, str]] = {
    Conclusion.PASSED: "success",
    Conclusion.FAILED: "failed",
    Conclusion.ADVISED: "success",
    Conclusion.NOT_JUDGED: "skipped",
}
CHECK_WORDS: Final[Mapping[Conclusion, str]] = {
    Conclusion.PASSED: "passed",
    Conclusion.FAILED: "failed",
    Conclusion.ADVISED: "passed",
    Conclusion.NOT_JUDGED: "pending",
}
# A state that older servers do not know, and that a running status cannot have.
BEFORE_SKIPPED = {"skipped": "canceled"}


class Statuses:
    """The check of each head of a merge request."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def announce(self, change: ChangeRef, found: MergeRequest) -> None:
        """Show the check as running, unless this head has one already."""
        try:
            if self._status_of(change) is None:
                # A running one could no longer be skipped: app/models/commit_status.rb
                self._post(change, found, "pending", BEGUN)
        except Refused as error:
            _only_permission(error)  # what is left says nothing before the end

    def conclude(self, change: ChangeRef, found: MergeRequest, review: Review) -> str:
        """Conclude the check; gives its id, or "" where the token may not write statuses."""
        if found.sha == change.head_sha:
            self._answer_checks(change, review)
        state, words = status_word(review), description(review)
        try:
            now = self._status_of(change)
            if now is not None and (now.status, now.description) == (state, words):
                return str(now.id)
            return str(self._post(change, found, state, words).id)
        except Refused as error:
            _only_permission(error)
            return ""

    def join(self, change: ChangeRef, found: MergeRequest, review: Review) -> str:
        """Conclude the check in the pipeline that runs on this commit now.

        On the head itself its own review does so, in words of its own: those go into a newer
        pipeline, and where it has not ended yet, "" is given and nothing done.
        """
        try:
            now = self._status_of(change)
            if now is None or now.status != status_word(review):
                is_head = found.sha == change.head_sha
                return "" if is_head else self.conclude(change, found, review)
            pipeline = found.head_pipeline
            is_elsewhere = now.pipeline_id is not None and (
                pipeline is not None
                and pipeline.sha == change.head_sha
                and pipeline.id != now.pipeline_id
            )
            if not is_elsewhere:
                return str(now.id)
            return str(self._post(change, found, now.status, now.description or "").id)
        except Refused as error:
            _only_permission(error)
            return ""

    def _status_of(self, change: ChangeRef) -> CommitStatus | None:
        path = f"{project_path(change.repo)}/repository/commits/{change.head_sha}/statuses"
        found = [
            one
            for one in self._api.pages(path, CommitStatus, name=STATUS_NAME)
            if one.name == STATUS_NAME
        ]
        return max(found, key=lambda one: one.id, default=None)

    def _post(self, change: ChangeRef, found: MergeRequest, state: str, words: str) -> CommitStatus:
        """Write a status, in the head's own pipeline if there is one: a status elsewhere would
        start a pipeline of its own, and the merge request would wait for the other one."""
        said = {"state": state, "name": STATUS_NAME, "description": words}
        pipeline = found.head_pipeline
        outside = {**said, "ref": found.source_branch}
        if pipeline is not None and pipeline.sha == change.head_sha:
            inside = {**said, "pipeline_id": pipeline.id, "ref": pipeline.ref}
            try:
                return self._send(change, inside)
            except Refused as error:
                if error.status not in {400, 404}:
                    raise
        return self._send(change, outside)

    def _send(self, change: ChangeRef, body: Mapping[str, object]) -> CommitStatus:
        path = f"{project_path(change.repo)}/statuses/{change.head_sha}"
        try:
            return self._api.send("POST", path, CommitStatus, body)
        except Refused as error:
            state = str(body["state"])
            if error.status != 400:
                raise
            now = self._status_of(change)
            if SAME_STATE in str(error) and now is not None and now.status == state:
                return now
            if state not in BEFORE_SKIPPED:
                raise
        return self._api.send("POST", path, CommitStatus, {**body, "state": BEFORE_SKIPPED[state]})

    def _answer_checks(self, change: ChangeRef, review: Review) -> None:
        """Answer the external status check that goes by our name. GitLab Ultimate has them."""
        at = merge_request(change)
        word = check_word(review)
        try:
            for check in self._api.pages(f"{at}/status_checks", StatusCheck):
                if check.name.strip().lower() == CHECK_NAME and check.status != word:
                    body = {
                        "sha": change.head_sha,
                        "external_status_check_id": check.id,
                        "status": word,
                    }
                    self._api.do("POST", f"{at}/status_check_responses", body)
        except Refused as error:
            if error.status not in {401, 403, 404, 422}:  # not in this edition, or not for us
                raise


def status_word(review: Review) -> str:
    """The state of a commit status. A change that nobody judged is never `success`."""
    if review.conclusion is Conclusion.NOT_JUDGED and review.requires_judgement:
        return "failed"
    return STATUS_WORDS[review.conclusion]


def check_word(review: Review) -> str:
    """The answer to an external status check."""
    if review.conclusion is Conclusion.NOT_JUDGED and review.requires_judgement:
        return "failed"
    return CHECK_WORDS[review.conclusion]


def description(review: Review) -> str:
    """One line for a commit status; findings under a gate that does not block are advice."""
    advice = "Advice: " if review.conclusion is Conclusion.ADVISED else ""
    return shorten(advice + plain(review.title), MAX_DESCRIPTION)


def _only_permission(error: Refused) -> None:
    """Let a missing permission pass, since there is another way; raise anything else."""
    if error.status not in NO_PERMISSION:
        raise error

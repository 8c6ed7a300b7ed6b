"""Act on the check of a head: a check run, else a commit status, else one comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from worker.escape import plain, shorten
from worker.forges.github_answers import CheckRun, CommitStatus, IssueComment
from worker.forges.github_api import GitHubApi
from worker.forges.github_errors import Refused
from worker.jobs import ChangeRef
from worker.render import MAX_COMMENT, MAX_SUMMARY, MAX_TITLE, cut
from worker.types import Annotation, Conclusion, Review

CHECK_NAME = "Gavel"
STATUS_CONTEXT = "gavel/review"  # never the check's name: both would then be required
MAX_ANNOTATIONS = 50  # per request; docs.github.com/rest/checks/runs#update-a-check-run
MAX_MESSAGE = 16_000  # characters: 64 KB at four bytes each; docs.github.com/rest/checks/runs
MAX_DESCRIPTION = 140  # of a commit status; seen in public issue threads
SUMMARY_MARK = "<!-- gavel:summary=change -->"
# A button on a concluded check; bot.hooks.github_checks knows it by its identifier.
AGAIN: Final = {
    "label": "Judge again",
    "description": "Judge this head once more",
    "identifier": "review",
}
BEGUN = "Gavel is judging this change"

RUN_WORDS: Final[Mapping[Conclusion, str]] = {
    Conclusion.PASSED: "success",
    Conclusion.FAILED: "failure",
    Conclusion.ADVISED: "neutral",
    Conclusion.NOT_JUDGED: "neutral",
}
STATUS_WORDS: Final[Mapping[Conclusion, str]] = {
    Conclusion.PASSED: "success",
    Conclusion.FAILED: "failure",
    Conclusion.ADVISED: "success",
    Conclusion.NOT_JUDGED: "error",
}
NO_PERMISSION = frozenset({403, 404})


class Checks:
    """The check of each head of a change, shown in the best way that the token may write."""

    def __init__(self, api: GitHubApi, *, whoami: Callable[[], str]) -> None:
        self._api = api
        self._whoami = whoami

    def announce(self, change: ChangeRef) -> None:
        """Show the check as running, unless this head has one already."""
        if self._api.is_refused("checks"):
            return self._announce_by_status(change)
        try:
            if self._run_of(change) is None and self._status_of(change) is None:
                self._create_run(change, {"status": "in_progress"})
        except Refused as error:
            _only_permission(error)
            self._announce_by_status(change)

    def conclude(self, change: ChangeRef, review: Review) -> str:
        """Conclude the check; gives its id."""
        if self._api.is_refused("checks"):
            return self._conclude_by_status(change, review)
        try:
            run = self._run_of(change)
            if run is None and self._status_of(change) is not None:
                return self._conclude_by_status(change, review)
            run = run or self._create_run(change, {"status": "in_progress"})
            return self._conclude_run(change, run, review)
        except Refused as error:
            _only_permission(error)
            return self._conclude_by_status(change, review)

    def summarize(self, change: ChangeRef, text: str, *, is_new: bool) -> str:
        """Keep the one summary of ours under the change up to date; gives its id.

        is_new  post one where there is none; else none is posted, and "" given
        """
        path = f"/repos/{change.repo}/issues/{change.number}/comments"
        body = f"{cut(text, MAX_COMMENT - 200).rstrip()}\n\n{SUMMARY_MARK}"
        for posted in self._api.pages(path, IssueComment):
            if (posted.body or "").rstrip().endswith(SUMMARY_MARK) and self._is_ours(posted):
                if (posted.body or "").strip() == body.strip():
                    return str(posted.id)
                at = f"/repos/{change.repo}/issues/comments/{posted.id}"
                return str(self._api.send("PATCH", at, IssueComment, {"body": body}).id)
        if not is_new:
            return ""
        return str(self._api.send("POST", path, IssueComment, {"body": body}).id)

    def _is_ours(self, posted: IssueComment) -> bool:
        return posted.user is not None and posted.user.login == self._whoami()

    def _run_of(self, change: ChangeRef) -> CheckRun | None:
        path = f"/repos/{change.repo}/commits/{change.head_sha}/check-runs"
        asked = {"check_name": CHECK_NAME, "filter": "all"}
        runs = self._api.pages(path, CheckRun, key="check_runs", **asked)
        ours = (run for run in runs if run.external_id == change.key)
        return max(ours, key=lambda run: run.id, default=None)

    def _create_run(self, change: ChangeRef, state: Mapping[str, object]) -> CheckRun:
        body = {
            "name": CHECK_NAME,
            "head_sha": change.head_sha,
            "external_id": change.key,
            "output": {"title": BEGUN, "summary": f"{BEGUN}."},
            **state,
        }
        return self._api.send("POST", f"/repos/{change.repo}/check-runs", CheckRun, body)

    def _conclude_run(self, change: ChangeRef, run: CheckRun, review: Review) -> str:
        word, title = run_word(review), shorten(plain(review.title), MAX_TITLE)
        if (run.status, run.conclusion, run.output.title) == ("completed", word, title):
            return str(run.id)
        if run.status == "completed" and run.output.annotations_count:
            # Annotations are only ever added: those of a new judgement need a new run.
            run = self._create_run(change, {"status": "in_progress"})
        output = {"title": title, "summary": cut(review.summary, MAX_SUMMARY)}
        at = f"/repos/{change.repo}/check-runs/{run.id}"
        level = "failure" if review.conclusion is Conclusion.FAILED else "warning"
        rows = [_annotation(one, level) for one in review.annotations]
        if run.status != "completed":  # an interrupted call posted the first ones
            rows = rows[run.output.annotations_count :]
        while len(rows) > MAX_ANNOTATIONS:
            body = {"output": {**output, "annotations": rows[:MAX_ANNOTATIONS]}}
            self._api.send("PATCH", at, CheckRun, body)
            rows = rows[MAX_ANNOTATIONS:]
        last = {
            "status": "completed",
            "conclusion": word,
            "output": {**output, "annotations": rows},
            "actions": [AGAIN],
        }
        return str(self._api.send("PATCH", at, CheckRun, last).id)

    def _status_of(self, change: ChangeRef) -> CommitStatus | None:
        path = f"/repos/{change.repo}/commits/{change.head_sha}/statuses"
        statuses = self._api.pages(path, CommitStatus)
        return next((one for one in statuses if one.context == STATUS_CONTEXT), None)

    def _announce_by_status(self, change: ChangeRef) -> None:
        if self._api.is_refused("statuses"):
            return
        try:
            if self._status_of(change) is None:
                self._post_status(change, "pending", BEGUN)
        except Refused as error:
            _only_permission(error)  # the comment that is left says nothing before the end

    def _conclude_by_status(self, change: ChangeRef, review: Review) -> str:
        if self._api.is_refused("statuses"):
            return self.summarize(change, review.summary, is_new=True)
        state, title = STATUS_WORDS[review.conclusion], _description(review)
        try:
            now = self._status_of(change)
            if now is not None and (now.state, now.description) == (state, title):
                return str(now.id)
            return str(self._post_status(change, state, title).id)
        except Refused as error:
            _only_permission(error)
            return self.summarize(change, review.summary, is_new=True)

    def _post_status(self, change: ChangeRef, state: str, description: str) -> CommitStatus:
        body = {"state": state, "context": STATUS_CONTEXT, "description": description}
        path = f"/repos/{change.repo}/statuses/{change.head_sha}"
        return self._api.send("POST", path, CommitStatus, body)


def run_word(review: Review) -> str:
    """The conclusion of a check run; only `action_required` and `failure` block a merge."""
    if review.conclusion is Conclusion.NOT_JUDGED and review.requires_judgement:
        return "action_required"
    return RUN_WORDS[review.conclusion]


def _description(review: Review) -> str:
    advice = "Advice: " if review.conclusion is Conclusion.ADVISED else ""
    return shorten(advice + plain(review.title), MAX_DESCRIPTION)


def _annotation(one: Annotation, level: str) -> dict[str, object]:
    return {
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "annotation_level": level,
        "title": shorten(one.title, MAX_TITLE),
        "message": shorten(one.message, MAX_MESSAGE),
    }


def _only_permission(error: Refused) -> None:
    """Let a missing permission pass, since there is another way; raise anything else."""
    if error.status not in NO_PERMISSION:
        raise error

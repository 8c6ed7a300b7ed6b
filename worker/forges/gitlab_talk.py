"""Act on the conversation of a merge request: notes, people, commits, and our one summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from worker.forges.gitlab_answers import Discussion, Member, Note
from worker.forges.gitlab_api import GitLabApi, project_path
from worker.forges.gitlab_diffs import merge_request
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_positions import written
from worker.jobs import ChangeRef, Remark
from worker.marks import is_ours, last_line
from worker.programs import is_program
from worker.render import MAX_COMMENT, cut

DEVELOPER = 30  # docs.gitlab.com/api/members, roles: from here on one may push
MAX_REMARKS = 1_000  # of one change; nobody reads more
LOGIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}")
SUMMARY = re.compile(r"<!-- gavel:summary=([0-9a-f]{40,64}) -->\s*\Z")


class Talk:
    """Remarks, answers, and the summary. `whoami` gives the username that we write as."""

    def __init__(self, api: GitLabApi, *, whoami: Callable[[], str]) -> None:
        self._api = api
        self._whoami = whoami

    def summarize(self, change: ChangeRef, words: str, discussions: Iterable[Discussion]) -> Note:
        """Our one summary of the change, written or brought up to date."""
        mark = f"<!-- gavel:summary={change.head_sha} -->"
        body = f"{written(cut(words, MAX_COMMENT - 200), lines_above=None).rstrip()}\n\n{mark}"
        path, found = f"{merge_request(change)}/notes", self.summary(discussions)
        if found is None:
            return self._api.send("POST", path, Note, {"body": body})
        if found.body.strip() == body.strip():
            return found
        return self._api.send("PUT", f"{path}/{found.id}", Note, {"body": body})

    def summary(self, discussions: Iterable[Discussion]) -> Note | None:
        """Our summary, on whatever head it was written."""
        notes = (note for one in discussions for note in one.notes[:1])
        marked = (note for note in notes if SUMMARY.search(note.body))
        return next((note for note in marked if self._is_mine(note)), None)

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push; nobody whom GitLab does not know, nor a doubtful name."""
        if not LOGIN.fullmatch(login):
            return False
        path = f"{project_path(change.repo)}/members/all"
        try:
            members = list(self._api.pages(path, Member, query=login))
        except Refused as error:
            if error.status not in {403, 404}:
                raise
            return False
        return any(
            one.username == login and one.access_level >= DEVELOPER and one.state == "active"
            for one in members
        )

    def remarks(self, change: ChangeRef, discussions: Iterable[Discussion]) -> tuple[Remark, ...]:
        """Notes of others that stand on a line of the new side of this head."""
        found = (
            _remark(change, thread, note)
            for thread in discussions
            for note in thread.notes
            if _is_on_a_line(note, change)
            and not note.system
            and not is_ours(note.body)
            and not self._is_mine(note)
        )
        return tuple(islice(found, MAX_REMARKS))

    def reply(
        self, change: ChangeRef, remark: Remark, body: str, discussions: Sequence[Discussion]
    ) -> str:
        """The id of our answer, posted now or brought up to date."""
        text, at = written(_cut_before_mark(body), lines_above=None), merge_request(change)
        threads = [one for one in discussions if not remark.thread or one.id == remark.thread]
        notes = (note for one in threads for note in one.notes)
        alike = (note for note in notes if last_line(note.body) == last_line(text))
        found = next((note for note in alike if self._is_mine(note)), None)
        if found is not None:
            return str(self._api.send("PUT", f"{at}/notes/{found.id}", Note, {"body": text}).id)
        path = f"{at}/discussions/{remark.thread}/notes" if remark.thread else f"{at}/notes"
        return str(self._api.send("POST", path, Note, {"body": text}).id)

    def _is_mine(self, note: Note) -> bool:
        return note.author is not None and note.author.username == self._whoami()


def _is_on_a_line(note: Note, change: ChangeRef) -> bool:
    at = note.position
    return at is not None and at.new_line is not None and at.head_sha == change.head_sha


def _remark(change: ChangeRef, thread: Discussion, note: Note) -> Remark:
    position = note.position
    end = (position.new_line if position else None) or 1
    edge = position.line_range.start if position and position.line_range else None
    author = note.author.username if note.author else "ghost"
    return Remark(
        change=change,
        id=str(note.id),
        thread=thread.id,
        author=author,
        is_bot=is_program(author),
        body=note.body,
        path=(position.new_path if position else None) or "",
        start_line=min((edge.new_line if edge else None) or end, end),
        end_line=end,
    )


def _cut_before_mark(body: str) -> str:
    if len(body) <= MAX_COMMENT:
        return body
    mark = last_line(body)
    return cut(body, MAX_COMMENT - len(mark) - 2) + "\n" + mark

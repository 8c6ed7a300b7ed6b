"""Act on the conversation of a pull request: who may command, what others say, our answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from pydantic import BaseModel

from worker.forges.github_answers import IssueComment
from worker.forges.github_api import GitHubApi
from worker.forges.github_errors import Refused
from worker.jobs import ChangeRef, Remark
from worker.marks import is_ours, last_line
from worker.render import MAX_COMMENT, cut

MAX_REMARKS = 1_000  # of one change; nobody reads more
# docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
WRITERS = frozenset({"admin", "write", "maintain"})
# An underscore stands before the short name of a company that manages its users' accounts:
# docs.github.com/enterprise-cloud@latest/admin, Enterprise Managed Users, usernames
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")


class _Someone(BaseModel):
    login: str
    type: str = "User"


class _Permission(BaseModel):
    permission: str


class _ReviewComment(BaseModel):
    id: int
    path: str
    body: str
    user: _Someone | None = None
    line: int | None = None
    start_line: int | None = None
    side: str | None = None
    in_reply_to_id: int | None = None


class Talk:
    """Permissions, remarks and answers. `whoami` gives the login that we write as."""

    def __init__(self, api: GitHubApi, *, whoami: Callable[[], str]) -> None:
        self._api = api
        self._whoami = whoami

    def may_write(self, change: ChangeRef, login: str) -> bool:
        """Whether `login` may push; nobody whom GitHub does not know, nor a doubtful name."""
        if not LOGIN.fullmatch(login):
            return False
        path = f"/repos/{change.repo}/collaborators/{login}/permission"
        try:
            return self._api.get(path, _Permission).permission in WRITERS
        except Refused as error:
            if error.status not in {403, 404}:
                raise
            return False

    def remarks(self, change: ChangeRef) -> tuple[Remark, ...]:
        """Review comments of others that stand on a line of the new side."""
        posted = islice(self._api.pages(f"{_pull(change)}/comments", _ReviewComment), MAX_REMARKS)
        mine = self._whoami()
        return tuple(
            _remark(change, one)
            for one in posted
            if one.line is not None
            and one.side != "LEFT"
            and not is_ours(one.body)
            and (one.user is None or one.user.login != mine)
        )

    def reply(self, change: ChangeRef, remark: Remark, body: str) -> str:
        """The id of our answer, posted now or brought up to date."""
        text = body if len(body) <= MAX_COMMENT else _cut_before_mark(body)
        if remark.thread:
            return self._reply_in_thread(change, remark, text)
        issue = f"/repos/{change.repo}/issues"
        found = self._ours(f"{issue}/{change.number}/comments", text)
        verb, path = (
            ("PATCH", f"{issue}/comments/{found.id}")
            if found
            else ("POST", f"{issue}/{change.number}/comments")
        )
        return str(self._api.send(verb, path, IssueComment, {"body": text}).id)

    def _reply_in_thread(self, change: ChangeRef, remark: Remark, text: str) -> str:
        comments = f"{_pull(change)}/comments"
        found = self._ours(comments, text)
        verb, path = (
            ("PATCH", f"/repos/{change.repo}/pulls/comments/{found.id}")
            if found
            else ("POST", f"{comments}/{remark.thread}/replies")
        )
        return str(self._api.send(verb, path, IssueComment, {"body": text}).id)

    def _ours(self, path: str, text: str) -> IssueComment | None:
        """Our comment that ends as `text` does, if there is one."""
        wanted = last_line(text)
        for one in self._api.pages(path, IssueComment):
            is_alike = last_line(one.body or "") == wanted
            if is_alike and one.user is not None and one.user.login == self._whoami():
                return one
        return None


def _remark(change: ChangeRef, one: _ReviewComment) -> Remark:
    end = one.line or 1
    return Remark(
        change=change,
        id=str(one.id),
        thread=str(one.in_reply_to_id or one.id),
        author=one.user.login if one.user else "ghost",
        is_bot=one.user is not None and one.user.type == "Bot",
        body=one.body,
        path=one.path,
        start_line=min(one.start_line or end, end),
        end_line=end,
    )


def _cut_before_mark(body: str) -> str:
    mark = last_line(body)
    return cut(body, MAX_COMMENT - len(mark) - 2) + "\n" + mark


def _pull(change: ChangeRef) -> str:
    return f"/repos/{change.repo}/pulls/{change.number}"

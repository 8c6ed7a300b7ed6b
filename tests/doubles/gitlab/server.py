"""A stateful stand-in of GitLab's REST API over real HTTP, or HTTPS, on the loopback address.

It asks for a token, checks what GitLab checks, answers in GitLab's shapes, keeps what it is
sent, and fails when told to. `features` say how old it is and of which edition.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Collection, Mapping

from werkzeug.wrappers import Request, Response

from bot.demo.loopback import Loopback
from tests.doubles.gitlab import routes, state
from tests.doubles.gitlab.call import NEWEST, Call
from tests.doubles.gitlab.rules import RefusedError
from tests.doubles.gitlab.state import Change, Discussion, Failure, State, StatusCheck, Version

NOTES, STATUSES = "notes", "statuses"
ALL = frozenset({NOTES, STATUSES})
NEEDED = (("/notes", NOTES), ("/draft_notes", NOTES), ("/discussions", NOTES),
          ("/statuses/", STATUSES), ("/status_check", STATUSES))  # fmt: skip


class GitLabDouble:
    """A GitLab of one's own: seed it with changes, start it, point `GAVEL_GITLAB_URL` at it."""

    def __init__(
        self,
        *,
        token: str,
        username: str = "project_3_bot_0a1b",
        permissions: Collection[str] = ALL,
        features: Collection[str] = NEWEST,
    ) -> None:
        self.state = State()
        self.features = frozenset(features)
        self.permissions = frozenset(permissions)
        self._token = token
        self._username = username
        self._lock = threading.RLock()
        self._loopback = Loopback("gitlab")

    def add_change(
        self,
        *,
        repo: str,
        number: int,
        head_sha: str,
        base_sha: str,
        diff: str,
        title: str = "A change",
        body: str = "",
        author: str = "ada",
        files: Mapping[str, Mapping[str, str | bytes]] | None = None,
    ) -> Change:
        """Open a merge request. `files` holds contents by commit and then by path."""
        first = Version(self.state.next_id(), head_sha, base_sha, base_sha)
        change = Change(repo, number, title, body, author, head_sha, {head_sha: diff}, [first])
        with self._lock:
            self.state.changes[repo, number] = change
            self.state.branches[repo, change.target_branch] = base_sha
            self.add_files(repo, files or {})
        return change

    def push(self, *, repo: str, number: int, head_sha: str, diff: str) -> None:
        """Move a merge request to a new head."""
        with self._lock:
            change = self.state.changes[repo, number]
            last = change.versions[-1]
            change.versions.append(Version(self.state.next_id(), head_sha, last.base, last.start))
            change.head = head_sha
            change.diffs[head_sha] = diff

    def add_files(self, repo: str, files: Mapping[str, Mapping[str, str | bytes]]) -> None:
        for sha, texts in files.items():
            for path, text in texts.items():
                data = text.encode() if isinstance(text, str) else text
                self.state.files[repo, sha, path] = data

    def add_note(
        self,
        *,
        repo: str,
        number: int,
        body: str,
        author: str,
        position: dict[str, object] | None = None,
        kind: str | None = None,
    ) -> Discussion:
        """Something that somebody else wrote."""
        note = state.Note(self.state.next_id(), body, author, position, kind)
        said = Discussion(self.state.next_discussion_id(), repo, number, [note], kind is None)
        self.state.discussions.append(said)
        return said

    def add_status_check(self, repo: str, name: str) -> StatusCheck:
        check = StatusCheck(self.state.next_id(), repo, name)
        self.state.status_checks.append(check)
        return check

    def fail_next(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        body: str = '{"message": "told to fail"}',
        is_late: bool = False,
    ) -> None:
        """Answer the next `times` matching requests with `status`."""
        failure = Failure(status, times, method, path, dict(headers or {}), body, is_late)
        self.state.failures.append(failure)

    def start(self, *, tls: ssl.SSLContext | None = None) -> str:
        """Listen on any free port; gives the base URL."""
        return self._loopback.start(self._wsgi, tls=tls)

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        self._loopback.stop()

    def _wsgi(self, environ, start):  # type: ignore[no-untyped-def]
        request = Request(environ)
        with self._lock:
            return self._answer(request, environ["RAW_URI"].partition("?")[0])(environ, start)

    def _answer(self, request: Request, path: str) -> Response:
        body = request.get_json(force=True, silent=True)
        early = self._failure(request.method, path, is_late=False)
        answer: object = None
        if early is not None:
            response = early
        else:
            response, answer = self._serve(request, path)
            response = self._failure(request.method, path, is_late=True) or response
        self.state.requests.append(
            state.Request(
                method=request.method,
                path=path,
                query=request.args.to_dict(),
                body=body if isinstance(body, dict) else {},
                status=response.status_code,
                answer=answer,
                authorization=request.headers.get("Authorization", ""),
            )
        )
        return response

    def _serve(self, request: Request, path: str) -> tuple[Response, object]:
        found = routes.find(request.method, path.removeprefix("/api/v4"))
        try:
            self._guard(request, path)
            if found is None or not path.startswith("/api/v4/"):
                raise RefusedError(404, "404 Not Found")
            handler, named, status = found
            answer = handler(Call(self.state, request, self._username, self.features, named))
        except RefusedError as error:
            return _json({"message": error.message}, error.status), None
        if isinstance(answer, Response):
            return answer, None
        return (_json(answer, status) if answer is not None else Response(status=status)), answer

    def _guard(self, request: Request, path: str) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if (kind, token) != ("Bearer", self._token):
            raise RefusedError(401, "401 Unauthorized")
        needed = next((need for part, need in NEEDED if part in path), "")
        if request.method != "GET" and needed and needed not in self.permissions:
            raise RefusedError(403, "403 Forbidden")

    def _failure(self, method: str, path: str, *, is_late: bool) -> Response | None:
        for one in self.state.failures:
            fits = one.method in {"", method} and one.path in path
            if fits and one.times > 0 and one.is_late is is_late:
                one.times -= 1
                response = Response(one.body, one.status, one.headers)
                response.automatically_set_content_length = "Content-Length" not in one.headers
                response.headers.update(one.headers)
                return response
        return None


def _json(value: object, status: int) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")

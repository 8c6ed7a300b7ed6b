"""Act as GitHub: a stateful stand-in of its REST API over real HTTP on the loopback address.

For `gavel demo` and for the contract suite of the forges. It asks for a token, checks what
GitHub checks, answers in GitHub's shapes, keeps what it is sent, and fails when told to.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import flask
import jwt
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bot.demo.github_double_routes import add_routes, answer, sent
from bot.demo.github_double_state import (
    Change,
    CheckRun,
    Failure,
    IssueComment,
    Request,
    Review,
    State,
    Status,
)

POLL_S = 0.02  # how soon a request to stop is seen
MAX_JWT_LIFE_S = 660  # 10 minutes ahead and 60 seconds back; docs.github.com/apps
REVIEWS, ISSUES, CHECKS, STATUSES = "pull_requests", "issues", "checks", "statuses"
NEEDED = (
    ("/reviews", REVIEWS),
    ("/issues/", ISSUES),
    ("/check-runs", CHECKS),
    ("/statuses/", STATUSES),
)
ALL = frozenset({REVIEWS, ISSUES, CHECKS, STATUSES})

Wsgi = Callable[[dict[str, object], Callable[..., object]], Iterable[bytes]]


class GitHubDouble:
    """A GitHub of one's own: seed it with changes, start it, point `GAVEL_GITHUB_URL` at it.

    token           lets requests in; nothing else does but tokens of the App below
    login           who writes with that token
    permissions     what the token may write: pull_requests, issues, checks, statuses
    app_id          id of a GitHub App that may ask for installation tokens
    app_public_key  PEM text of the App's public key, which checks its JWTs
    """

    def __init__(
        self,
        *,
        token: str,
        login: str = "gavel[bot]",
        permissions: Collection[str] = ALL,
        app_id: str = "",
        app_public_key: str = "",
    ) -> None:
        self._state = State()
        self._tokens = {token}
        self._login = login
        self._permissions = frozenset(permissions)
        self._app_id = app_id
        self._app_public_key = app_public_key
        self._lock = threading.RLock()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

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
        author: str = "octocat",
        files: Mapping[str, Mapping[str, str | bytes]] | None = None,
        is_draft: bool = False,
    ) -> None:
        """Open a pull request. `files` holds contents by commit and then by path."""
        change = Change(
            repo,
            number,
            title,
            body,
            author,
            base_sha,
            head_sha,
            {head_sha: diff},
            is_draft=is_draft,
        )
        with self._lock:
            self._state.changes[repo, number] = change
            self._add_files(repo, files or {})

    def push(
        self,
        *,
        repo: str,
        number: int,
        head_sha: str,
        diff: str,
        files: Mapping[str, Mapping[str, str | bytes]] | None = None,
    ) -> None:
        """Move a pull request to a new head."""
        with self._lock:
            change = self._state.changes[repo, number]
            change.head_sha = head_sha
            change.diffs[head_sha] = diff
            self._add_files(repo, files or {})

    def close(self, *, repo: str, number: int) -> None:
        """Close a pull request."""
        with self._lock:
            self._state.changes[repo, number].is_open = False

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
        """Answer the next `times` requests with `status`; see `Failure`."""
        with self._lock:
            failure = Failure(status, times, method, path, dict(headers or {}), body, is_late)
            self._state.failures.append(failure)

    def post_review(self, review: Review) -> None:
        """Put a review there that somebody else wrote."""
        with self._lock:
            self._state.reviews.append(review)

    @property
    def reviews(self) -> Sequence[Review]:
        """Reviews in the order in which they came, with their comments."""
        with self._lock:
            return tuple(self._state.reviews)

    @property
    def check_runs(self) -> Sequence[CheckRun]:
        """Check runs in the order in which they were created, as they stand now."""
        with self._lock:
            return tuple(self._state.check_runs)

    @property
    def statuses(self) -> Sequence[Status]:
        """Commit statuses in the order in which they came."""
        with self._lock:
            return tuple(self._state.statuses)

    @property
    def issue_comments(self) -> Sequence[IssueComment]:
        """Comments outside of reviews, as they stand now."""
        with self._lock:
            return tuple(self._state.issue_comments)

    @property
    def requests(self) -> Sequence[Request]:
        """Every request, those that were refused included, in order."""
        with self._lock:
            return tuple(self._state.requests)

    def start(self, *, port: int = 0) -> str:
        """Listen on 127.0.0.1, port 0 for any free one; gives the base URL of the API."""
        server = make_server(
            "127.0.0.1", port, self._one_by_one(), threaded=True, request_handler=_Quiet
        )
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, args=(POLL_S,), name="github", daemon=True
        )
        self._thread.start()
        return f"http://127.0.0.1:{server.server_port}"

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None

    def _add_files(self, repo: str, files: Mapping[str, Mapping[str, str | bytes]]) -> None:
        for sha, texts in files.items():
            for path, text in texts.items():
                data = text.encode() if isinstance(text, str) else text
                self._state.files[repo, sha, path] = data

    def _one_by_one(self) -> Wsgi:
        wsgi = self._app().wsgi_app

        def serve(environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
            with self._lock:
                return list(wsgi(environ, start))  # type: ignore[arg-type]

        return serve

    def _app(self) -> flask.Flask:
        app = flask.Flask("github_double", static_folder=None)
        app.before_request(self._guard)
        app.after_request(self._record)
        app.post("/app/installations/<int:number>/access_tokens")(self._installation_token)
        app.post("/graphql")(self._graphql)
        add_routes(app, self._state, login=self._login)
        return app

    def _guard(self) -> flask.Response | None:
        failure = self._next_failure(is_late=False)
        if failure is not None:
            return failure
        path = flask.request.path
        if path.startswith("/app/"):
            return None if self._is_app() else answer(401, "A JSON web token could not be decoded")
        if _credential() not in self._tokens:
            return answer(401, "Bad credentials")
        needed = next((need for part, need in NEEDED if part in path), "")
        if flask.request.method != "GET" and needed and needed not in self._permissions:
            return answer(403, "Resource not accessible by integration")
        return None

    def _record(self, response: flask.Response) -> flask.Response:
        late = self._next_failure(is_late=True)
        given = late if late is not None else response
        body = flask.request.get_json(force=True, silent=True)
        self._state.requests.append(
            Request(
                method=flask.request.method,
                path=flask.request.path,
                query=flask.request.args.to_dict(),
                accept=flask.request.headers.get("Accept", ""),
                body=body if isinstance(body, dict) else {},
                status=given.status_code,
            )
        )
        return given

    def _next_failure(self, *, is_late: bool) -> flask.Response | None:
        for failure in self._state.failures:
            fits = (
                failure.method in {"", flask.request.method} and failure.path in flask.request.path
            )
            if fits and failure.times > 0 and failure.is_late is is_late:
                failure.times -= 1
                return flask.Response(failure.body, failure.status, failure.headers)
        return None

    def _is_app(self) -> bool:
        try:
            claims = jwt.decode(
                _credential(), self._app_public_key, algorithms=["RS256"], issuer=self._app_id
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return False
        return int(claims["exp"]) - int(claims["iat"]) <= MAX_JWT_LIFE_S

    def _installation_token(self, number: int) -> tuple[dict[str, object], int]:
        token = f"ghs_{number}_{secrets.token_hex(16)}"
        self._tokens.add(token)
        return {
            "token": token,
            "expires_at": "2099-01-01T00:00:00Z",
            "permissions": dict.fromkeys(sorted(self._permissions), "write"),
            "repository_selection": "all",
        }, 201

    def _graphql(self) -> dict[str, object]:
        if "viewer" in str(sent().get("query")):
            return {"data": {"viewer": {"login": self._login}}}
        return {"data": None, "errors": [{"type": "UNKNOWN", "message": "not in the stand-in"}]}


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: requests are kept, not printed."""


def _credential() -> str:
    kind, _, credential = flask.request.headers.get("Authorization", "").partition(" ")
    return credential if kind.lower() in {"token", "bearer"} else ""

"""Act as GitHub's front door: credentials, permissions, told failures, ETags, and a memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import flask
import jwt

from bot.demo.github_double_changes import installation
from bot.demo.github_double_routes import answer, base_url
from bot.demo.github_double_shapes import Json
from bot.demo.github_double_state import Request, State

MAX_JWT_LIFE_S = 660  # 10 minutes ahead and 60 seconds back; docs.github.com/apps
REVIEWS, ISSUES, CHECKS, STATUSES = "pull_requests", "issues", "checks", "statuses"
CONTENTS, METADATA = "contents", "metadata"
NEEDED = (
    ("/pulls/", REVIEWS),
    ("/issues/", ISSUES),
    ("/check-runs", CHECKS),
    ("/statuses/", STATUSES),
)
ALL = frozenset({REVIEWS, ISSUES, CHECKS, STATUSES})
READABLE = {CONTENTS: "read", METADATA: "read"}


@dataclass(slots=True)
class Keys:
    """Who is let in, and what for.

    login           who writes
    tokens          what each token may write
    granted         what the App's installations may write
    app_id          id of the App, and `app_public_key` the key that checks its JWTs
    token_life_s    how long a token of an installation lives
    only            name of the only repository of each token that was asked for one
    """

    login: str
    tokens: dict[str, frozenset[str]]
    granted: frozenset[str]
    app_id: str = ""
    app_public_key: str = ""
    token_life_s: float = 3600.0
    issued: list[Mapping[str, object]] = field(default_factory=list)
    only: dict[str, str] = field(default_factory=dict)


def add_door(app: flask.Flask, state: State, keys: Keys) -> None:
    """Let nobody into `app` without a key, and keep what comes and goes in `state`."""
    app.before_request(lambda: _guard(state, keys))
    app.after_request(lambda response: _record(state, response))

    @app.get("/app/installations/<int:number>")
    def found(number: int) -> Json:
        return installation(base_url(), number, _permissions(keys.granted))

    @app.post("/app/installations/<int:number>/access_tokens")
    def installation_token(number: int) -> tuple[Json, int] | flask.Response:
        body = flask.request.get_json(force=True, silent=True) or {}
        asked = body.get("permissions")
        wanted = frozenset(asked or keys.granted) - READABLE.keys()
        if not wanted <= keys.granted:
            return answer(422, "The permissions requested are not granted to this installation.")
        token = f"ghs_{number}_{secrets.token_hex(16)}"
        keys.tokens[token] = wanted
        ends = datetime.now(UTC) + timedelta(seconds=keys.token_life_s)
        issued: Json = {
            "token": token,
            "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": asked or _permissions(keys.granted),
            "repository_selection": "selected" if body.get("repositories") else "all",
        }
        if body.get("repositories"):
            (keys.only[token],) = body["repositories"]
        keys.issued.append(issued)
        return issued, 201


def may_write(keys: Keys, need: str) -> bool:
    """Whether the token of the present request may write what `need` names."""
    return need in keys.tokens.get(_credential(), frozenset())


def _permissions(writable: Collection[str]) -> dict[str, str]:
    return {**READABLE, **dict.fromkeys(sorted(writable), "write")}


def _guard(state: State, keys: Keys) -> flask.Response | None:
    failure = _next_failure(state, is_late=False)
    if failure is not None:
        return failure
    path = flask.request.path
    if path.startswith("/app-manifests/") or path.endswith("/settings/apps/new"):
        return None  # a code is key enough, and the page asks a person
    if path.startswith("/app/"):
        return None if _is_app(keys) else answer(401, "A JSON web token could not be decoded")
    if _credential() not in keys.tokens:
        return answer(401, "Bad credentials")
    only = keys.only.get(_credential())
    if only and path.startswith("/repos/") and path.split("/")[3] != only:
        return answer(404, "Not Found")
    needed = next((need for part, need in NEEDED if part in path), "")
    if flask.request.method != "GET" and needed and not may_write(keys, needed):
        return answer(403, "Resource not accessible by integration")
    return None


def _record(state: State, response: flask.Response) -> flask.Response:
    late = _next_failure(state, is_late=True)
    given = _unchanged(late if late is not None else response)
    body = flask.request.get_json(force=True, silent=True)
    state.requests.append(
        Request(
            method=flask.request.method,
            path=flask.request.path,
            query=flask.request.args.to_dict(),
            accept=flask.request.headers.get("Accept", ""),
            body=body if isinstance(body, dict) else {},
            status=given.status_code,
            answer=given.get_json(silent=True),
            answer_type=given.content_type or "",
            agent=flask.request.headers.get("User-Agent", ""),
            is_told=late is not None or "is_told" in flask.g,
        )
    )
    return given


def _unchanged(response: flask.Response) -> flask.Response:
    """The answer with an ETag, or 304 without its body where the asker has it already."""
    if flask.request.method != "GET" or response.status_code != 200:
        return response
    response.headers["ETag"] = f'W/"{hashlib.sha256(response.get_data()).hexdigest()}"'
    if flask.request.headers.get("If-None-Match") != response.headers["ETag"]:
        return response
    return flask.Response(status=304, headers={"ETag": response.headers["ETag"]})


def _next_failure(state: State, *, is_late: bool) -> flask.Response | None:
    for failure in state.failures:
        fits = failure.method in {"", flask.request.method} and failure.path in flask.request.path
        if fits and failure.times > 0 and failure.is_late is is_late:
            failure.times -= 1
            flask.g.is_told = True
            return flask.Response(failure.body, failure.status, failure.headers)
    return None


def _is_app(keys: Keys) -> bool:
    try:
        claims = jwt.decode(
            _credential(), keys.app_public_key, algorithms=["RS256"], issuer=keys.app_id
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return int(claims["exp"]) - int(claims["iat"]) <= MAX_JWT_LIFE_S


def _credential() -> str:
    kind, _, credential = flask.request.headers.get("Authorization", "").partition(" ")
    return credential if kind.lower() in {"token", "bearer"} else ""

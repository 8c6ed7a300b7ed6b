"""Act on GitHub's API through PyGithub's requester; its errors end here, as ours."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import requests
from github import Github, GithubException
from github.Requester import Requester
from pydantic import BaseModel, ValidationError

from worker.escape import plain
from worker.forges.base import Forbidden, Unavailable

PER_PAGE = 100  # docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
MAX_PAGES = 50
SECONDARY_WAIT_S = 60.0  # docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
MAX_WAIT_S = 3600.0
CREDENTIALS: Final = "check GAVEL_GITHUB_TOKEN, or GAVEL_GITHUB_APP_ID and GAVEL_GITHUB_PRIVATE_KEY"

Shape = TypeVar("Shape", bound=BaseModel)


class Refused(Forbidden):
    """GitHub refused one request; `status` is the HTTP status of its answer."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class GitHubApi:
    """Requests by path, relative to the API's base URL. Answers are parsed JSON or text."""

    def __init__(self, client: Github) -> None:
        self._requester = client.requester

    def get(self, path: str, shape: type[Shape], **parameters: str) -> Shape:
        """The object at `path`."""
        return read(shape, self._json("GET", path, parameters=parameters))

    def pages(
        self, path: str, shape: type[Shape], *, key: str = "", **parameters: str
    ) -> Iterator[Shape]:
        """Every object of a paginated list, which stands under `key` where there is one."""
        for page in range(1, MAX_PAGES + 1):
            asked = {**parameters, "per_page": str(PER_PAGE), "page": str(page)}
            answer = self._json("GET", path, parameters=asked)
            items = answer.get(key) if key and isinstance(answer, dict) else answer
            if not isinstance(items, list):
                raise Unavailable(f"GitHub's list at {path} has another shape than documented")
            yield from (read(shape, item) for item in items)
            if len(items) < PER_PAGE:
                return

    def page_from(self, path: str, shape: type[Shape], *, cursor: str) -> tuple[list[Shape], str]:
        """A page of a list that goes by cursors, and the cursor of the next one, "" at the end."""
        asked = {"per_page": str(PER_PAGE), **({"cursor": cursor} if cursor else {})}
        headers, text = self._exchange("GET", path, parameters=asked)
        items = _parsed(text, f"GET {path}")
        if not isinstance(items, list):
            raise Unavailable(f"GitHub's list at {path} has another shape than documented")
        return [read(shape, item) for item in items], _next_cursor(str(headers.get("link") or ""))

    def do(self, verb: str, path: str) -> None:
        """A write whose answer says nothing."""
        self._request(verb, path, body={})

    def send(self, verb: str, path: str, shape: type[Shape], body: Mapping[str, object]) -> Shape:
        """The object that GitHub answers to a write."""
        return read(shape, self._json(verb, path, body=body))

    def raw_json(self, path: str, **parameters: str) -> object:
        """Whatever JSON stands at `path`."""
        return self._json("GET", path, parameters=parameters)

    def text(self, path: str, *, accept: str) -> str:
        """The text at `path` in the media type `accept`."""
        return self._request("GET", path, headers={"Accept": accept})

    def graphql(self, query: str, shape: type[Shape]) -> Shape:
        """The data that answers a GraphQL query."""
        return read(shape, self._json("POST", self._requester.graphql_url, body={"query": query}))

    def _json(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> object:
        text = self._request(verb, path, parameters=parameters, body=body)
        return _parsed(text, f"{verb} {path}")

    def _request(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        return self._exchange(verb, path, parameters=parameters, body=body, headers=headers)[1]

    def _exchange(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Mapping[str, object], str]:
        what = f"{verb} {plain(path)}"
        try:
            status, answered, text = self._requester.requestJson(
                verb, path, dict(parameters or {}), dict(headers or {}), body
            )
        except GithubException as error:  # from the request for an installation's token
            raise _sorted(what, error.status, error.headers or {}, _message(error.data)) from error
        except requests.RequestException as error:
            raise Unavailable(
                f"{what}: GitHub cannot be reached ({type(error).__name__})"
            ) from error
        except RuntimeError as error:  # PyGithub's answer to a redirect to another host
            raise _redirected(what) from error
        if 200 <= status < 300:
            return answered, text
        if 300 <= status < 400:
            raise _redirected(what)
        raise _sorted(what, status, answered, _message_of_text(text))


def read(shape: type[Shape], value: object) -> Shape:
    """`value` as `shape`, ignoring what it does not name; raises Unavailable if it is another."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Unavailable(
            f"GitHub's answer has another shape than documented: {where}: {first['msg']}"
        ) from error


def _parsed(text: str, what: str) -> object:
    try:
        answer: object = json.loads(text)
    except ValueError as error:
        raise Unavailable(f"GitHub's answer to {what} is not whole JSON") from error
    return answer


def _next_cursor(link: str) -> str:
    """The cursor in a Link header's next page, or "".

    >>> _next_cursor('<https://h/app/hook/deliveries?per_page=9&cursor=v1_1>; rel="next"')
    'v1_1'
    """
    for part in link.split(","):
        url, _, rest = part.partition(";")
        if 'rel="next"' in rest:
            return parse_qs(urlsplit(url.strip(" <>")).query).get("cursor", [""])[0]
    return ""


def quoted(path: str) -> str | None:
    """A file's path as it goes into a URL, or None if it would lead out of its folder."""
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return None
    return quote(path, errors="replace")


def _redirected(what: str) -> Forbidden:
    return Forbidden(
        f"{what}: GitHub sends us elsewhere, and tokens do not leave the configured host: "
        "check GAVEL_GITHUB_URL, and the repository's present name"
    )


def _sorted(
    what: str, status: int, headers: Mapping[str, object], message: str
) -> Unavailable | Forbidden:
    """The error that says what a caller should do about an answer of this status."""
    said = f"{what}: GitHub answers {status}" + (f" ({message})" if message else "")
    if status == 401:
        return Refused(f"{said}: {CREDENTIALS}", status=status)
    if status in {408, 429} or status >= 500:
        return Unavailable(said, retry_after_s=_wait_s(headers) or _default_wait_s(status))
    if status == 403 and (wait_s := _rate_limit_wait_s(headers, message)):
        return Unavailable(said, retry_after_s=wait_s)
    if status == 403:
        return Refused(f"{said}: the token lacks a permission, see docs/forges.md", status=status)
    if status in {404, 410}:
        return Refused(f"{said}: it is gone, or the token may not see it", status=status)
    return Refused(said, status=status)


def _default_wait_s(status: int) -> float:
    return SECONDARY_WAIT_S if status == 429 else 30.0


def _rate_limit_wait_s(headers: Mapping[str, object], message: str) -> float | None:
    """Seconds until a 403 that means a rate limit is over; None if it means something else."""
    wait_s = _wait_s(headers)
    if wait_s is not None:
        return wait_s
    return SECONDARY_WAIT_S if Requester.isRateLimitError(message) else None


def _wait_s(headers: Mapping[str, object]) -> float | None:
    """Seconds that the headers ask to wait, at least 1; None if they do not."""
    if "retry-after" in headers:
        after = _number(headers["retry-after"])
        return SECONDARY_WAIT_S if after is None else min(max(after, 1.0), MAX_WAIT_S)
    reset = _number(headers.get("x-ratelimit-reset"))
    if _number(headers.get("x-ratelimit-remaining")) == 0 and reset is not None:
        return min(max(reset - time.time(), 1.0), MAX_WAIT_S)
    return None


def _number(value: object) -> float | None:
    text = str(value).strip()
    return float(text) if text.isascii() and text.isdigit() else None


def _message_of_text(text: str) -> str:
    try:
        return _message(json.loads(text))
    except ValueError:
        return ""


def _message(data: object) -> str:
    """GitHub's own sentence about a failure, on one line, or ""."""
    found = data.get("message") if isinstance(data, dict) else None
    return plain(found, limit=200) if isinstance(found, str) else ""

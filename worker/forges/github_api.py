"""Act on GitHub's API through PyGithub's requester; its errors end here, as ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from github import Github, GithubException

from worker.escape import plain
from worker.forges.base import Hiccup, Limited
from worker.forges.etags import Etags
from worker.forges.github_auth import granted_to
from worker.forges.github_errors import (
    graphql_error,
    message_of,
    message_of_text,
    redirected,
    sorted_out,
)
from worker.forges.pace import LONGEST_PAUSE_S, NO_LIMITS, Limits, Memory, Pace
from worker.forges.shapes import Shape, read, read_list

NAME = "GitHub"
PER_PAGE = 100  # docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
MAX_PAGES = 50
# Of requests that create content, in seconds; every write is taken for one. The same page.
WINDOWS: Final = ((80, 60.0), (500, 3600.0))
NOT_MODIFIED = 304
TRIES = 3  # of a request that GitHub puts off for a moment

Answer = TypeVar("Answer")


class GitHubApi:
    """Requests by path, relative to the API's base URL. Answers are parsed JSON or text.

    What was read before is asked for with its ETag: an unchanged answer costs no limit.

    pace     is asked before each request; None where nothing need wait
    hiccups  seconds to wait before each further try of a job that hiccupped, in order
    """

    def __init__(
        self,
        client: Github,
        *,
        pace: Pace | None = None,
        hiccups: Sequence[float] = (),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requester = client.requester
        self._pace = pace
        self._hiccups = hiccups
        self._pause = pause
        self._etags = Etags()

    def is_refused(self, permission: str) -> bool:
        """Whether the token is known to lack the right to write that; of many nobody tells."""
        granted = granted_to(self._requester.auth)
        return granted is not None and granted.get(permission) != "write"

    def get(self, path: str, shape: type[Shape], **parameters: str) -> Shape:
        """The object at `path`."""
        return read(shape, self._json("GET", path, parameters=parameters), forge=NAME)

    def pages(
        self, path: str, shape: type[Shape], *, key: str = "", **parameters: str
    ) -> Iterator[Shape]:
        """Every object of a paginated list, which stands under `key` where there is one."""
        for page in range(1, MAX_PAGES + 1):
            asked = {**parameters, "per_page": str(PER_PAGE), "page": str(page)}
            answer = self._json("GET", path, parameters=asked)
            found = answer.get(key) if key and isinstance(answer, dict) else answer
            items = read_list(shape, found, forge=NAME, path=path)
            yield from items
            if len(items) < PER_PAGE:
                return

    def page_from(self, path: str, shape: type[Shape], *, cursor: str) -> tuple[list[Shape], str]:
        """A page of a list that goes by cursors, and the cursor of the next one, "" at the end."""
        asked = {"per_page": str(PER_PAGE), **({"cursor": cursor} if cursor else {})}
        headers, text = self._exchange("GET", path, parameters=asked)
        items = read_list(shape, _parsed(text, f"GET {path}"), forge=NAME, path=path)
        return items, _next_cursor(str(headers.get("link") or ""))

    def do(self, verb: str, path: str) -> None:
        """A write whose answer says nothing."""
        self._request(verb, path, body={})

    def send(self, verb: str, path: str, shape: type[Shape], body: Mapping[str, object]) -> Shape:
        """The object that GitHub answers to a write."""
        return read(shape, self._json(verb, path, body=body), forge=NAME)

    def raw_json(self, path: str, **parameters: str) -> object:
        """Whatever JSON stands at `path`."""
        return self._json("GET", path, parameters=parameters)

    def text(self, path: str, *, accept: str) -> str:
        """The text at `path` in the media type `accept`."""
        return self.patiently(lambda: self._request("GET", path, headers={"Accept": accept}))

    def graphql(
        self, query: str, shape: type[Shape], *, is_write: bool = False, **variables: object
    ) -> Shape:
        """The answer to a GraphQL query; raises Refused where GitHub forbids it."""
        if is_write and self._pace is not None:
            self._pace.before_write()
        body = {"query": query, "variables": variables}

        def once() -> object:
            url = self._requester.graphql_url
            return _parsed(self._exchange("POST", url, body=body, is_read=True)[1], "GraphQL")

        answer = once() if is_write else self.patiently(once)
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if isinstance(errors, list) and errors:
            raise graphql_error(errors[0])
        return read(shape, answer, forge=NAME)

    def _json(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> object:
        def once() -> object:
            text = self._request(verb, path, parameters=parameters, body=body)
            return _parsed(text, f"{verb} {path}")

        return self.patiently(once) if verb == "GET" else once()

    def patiently(self, job: Callable[[], Answer]) -> Answer:
        """What `job` gives, after a short pause or two where it hiccups.

        job  a read, or what looks first at what is there: a hiccup may have come after the deed
        """
        for wait_s in self._hiccups:
            try:
                return job()
            except Hiccup:
                self._pause(wait_s)
        return job()

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
        is_read: bool = False,
    ) -> tuple[Mapping[str, object], str]:
        if verb == "GET":
            return self._read(path, parameters or {}, headers or {})
        if self._pace is not None and not is_read:
            self._pace.before_write()
        _, answered, text = self._send(verb, path, {}, headers or {}, body)
        return answered, text

    def _read(
        self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[Mapping[str, object], str]:
        key = (path, repr(sorted(parameters.items())), headers.get("Accept", ""))
        kept = self._etags.find(key)
        asked = {**headers, "If-None-Match": kept.etag} if kept else headers
        status, answered, text = self._send("GET", path, parameters, asked, None)
        if kept and status == NOT_MODIFIED:
            return kept.headers, kept.text
        self._etags.keep(key, answered, text)
        return answered, text

    def _send(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> tuple[int, Mapping[str, object], str]:
        """The answer; after a short wait where GitHub asks for one, since it then did nothing."""
        if self._pace is None:
            return self._send_now(verb, path, parameters, headers, body)
        for tries_left in range(TRIES, 0, -1):
            self._pace.before()
            try:
                return self._send_now(verb, path, parameters, headers, body)
            except Limited as error:
                self._pace.told(error.retry_after_s)
                if tries_left == 1 or error.retry_after_s > LONGEST_PAUSE_S:
                    raise
        raise AssertionError("the last try answers or raises")

    def _send_now(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> tuple[int, Mapping[str, object], str]:
        what = f"{verb} {plain(path)}"
        try:
            status, answered, text = self._requester.requestJson(
                verb, path, dict(parameters), dict(headers), body
            )
        except GithubException as error:  # from the request for an installation's token
            raise sorted_out(
                what, error.status, error.headers or {}, message_of(error.data)
            ) from error
        except requests.exceptions.RetryError as error:  # a redirect: see github_auth.client
            raise redirected(what) from error
        except requests.RequestException as error:
            raise Hiccup(f"{what}: GitHub cannot be reached ({type(error).__name__})") from error
        except RuntimeError as error:  # PyGithub's answer to a redirect to another host
            raise redirected(what) from error
        if 200 <= status < 300 or (status == NOT_MODIFIED and "If-None-Match" in headers):
            return status, answered, text
        if 300 <= status < 400:
            raise redirected(what)
        raise sorted_out(what, status, answered, message_of_text(text))


def pace_of(memory: Memory, *, gap_s: float) -> Pace:
    """The brake for all who share `memory`; without a gap, only on what GitHub asks for."""
    return Pace(Limits(gap_s, WINDOWS) if gap_s else NO_LIMITS, memory)


def _parsed(text: str, what: str) -> object:
    try:
        answer: object = json.loads(text)
    except ValueError as error:
        raise Hiccup(f"GitHub's answer to {what} is not whole JSON") from error
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

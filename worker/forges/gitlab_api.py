"""Act on GitLab's REST API through python-gitlab; its errors end here, as ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

import requests
from gitlab import Gitlab, GitlabError

from worker.escape import plain
from worker.forges.base import Limited, Unavailable
from worker.forges.gitlab_errors import refuse, untrusted
from worker.forges.pace import NO_LIMITS, Limits, Memory, Pace
from worker.forges.shapes import Shape, read, read_list

NAME = "GitLab"
PER_PAGE = 100  # docs.gitlab.com/api/rest, pagination
MAX_PAGES = 50
WINDOWS = ((60, 60.0),)  # notes of one user in seconds; docs.gitlab.com/security/rate_limits
BLOCK_BYTES = 1 << 16

Parameters = Mapping[str, str | int]


class GitLabApi:
    """Requests by path below `/api/v4`. Answers are parsed JSON, or bytes.

    pace  is asked before each request; None where nothing need wait
    """

    def __init__(self, client: Gitlab, *, pace: Pace | None = None) -> None:
        self._client = client
        self._pace = pace

    def get(self, path: str, shape: type[Shape], **parameters: str | int) -> Shape:
        """The object at `path`."""
        return read(shape, self._json("GET", path, parameters=parameters), forge=NAME)

    def pages(self, path: str, shape: type[Shape], **parameters: str | int) -> Iterator[Shape]:
        """Every object of a paginated list."""
        for page in range(1, MAX_PAGES + 1):
            asked = {**parameters, "per_page": PER_PAGE, "page": page}
            answer = self._json("GET", path, parameters=asked)
            items = read_list(shape, answer, forge=NAME, path=path)
            yield from items
            if len(items) < PER_PAGE:
                return

    def all(self, path: str, shape: type[Shape]) -> list[Shape]:
        """Every object of a list that GitLab does not divide into pages."""
        return read_list(shape, self._json("GET", path), forge=NAME, path=path)

    def send(self, verb: str, path: str, shape: type[Shape], body: Mapping[str, object]) -> Shape:
        """The object that GitLab answers to a write."""
        self._before_write()
        return read(shape, self._json(verb, path, body=body), forge=NAME)

    def do(self, verb: str, path: str, body: Mapping[str, object] | None = None) -> None:
        """A write whose answer says nothing."""
        self._before_write()
        self._request(verb, path, body=body)

    def data(self, path: str, *, limit: int, **parameters: str | int) -> bytes | None:
        """The bytes at `path`, or None where there are more than `limit`."""
        read_ahead = self.beginning(path, limit=limit + 1, **parameters)
        return None if len(read_ahead) > limit else read_ahead

    def beginning(self, path: str, *, limit: int, **parameters: str | int) -> bytes:
        """The first `limit` bytes at `path`."""
        response = self._request("GET", path, parameters=parameters, is_streamed=True)
        blocks: list[bytes] = []
        total = 0
        try:
            for block in response.iter_content(BLOCK_BYTES):
                blocks.append(block)
                total += len(block)
                if total >= limit:
                    break
        except requests.RequestException as error:
            raise _unreachable(f"GET {plain(path)}", error) from error
        finally:
            response.close()
        return b"".join(blocks)[:limit]

    def _before_write(self) -> None:
        if self._pace is not None:
            self._pace.before_write()

    def _json(
        self,
        verb: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: Mapping[str, object] | None = None,
    ) -> object:
        response = self._request(verb, path, parameters=parameters, body=body)
        try:
            answer: object = response.json()
        except (ValueError, requests.RequestException) as error:
            raise Unavailable(f"GitLab's answer to {verb} {path} is not whole JSON") from error
        return answer

    def _request(
        self,
        verb: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: Mapping[str, object] | None = None,
        is_streamed: bool = False,
    ) -> requests.Response:
        what = f"{verb} {plain(path)}"
        if self._pace is not None:
            self._pace.before()
        try:
            return self._client.http_request(
                verb,
                path,
                query_data=dict(parameters or {}),
                post_data=dict(body) if body is not None else None,
                streamed=is_streamed,
                obey_rate_limit=False,
            )
        except Limited as error:
            if self._pace is not None:
                self._pace.told(error.retry_after_s)
            raise
        except requests.exceptions.SSLError as error:
            raise untrusted(what) from error
        except requests.RequestException as error:
            raise _unreachable(what, error) from error
        except OSError as error:  # requests' answer to a certificate file that is not there
            raise untrusted(what) from error
        except GitlabError as error:  # what `answered` refuses never gets so far
            raise Unavailable(f"{what}: {plain(str(error))}") from error


def pace_of(memory: Memory, *, gap_s: float) -> Pace:
    """The brake for all who share `memory`; without a gap, only on what GitLab asks for."""
    return Pace(Limits(gap_s, WINDOWS) if gap_s else NO_LIMITS, memory)


def answered(response: requests.Response, *_: object, **__: object) -> None:
    """Raise ours for every answer that is no success: the hook of a client's session."""
    if 200 <= response.status_code < 300:
        return
    method = response.request.method or ""
    path = (response.request.path_url or "").partition("?")[0]
    raise refuse(
        f"{method} {plain(path)}",
        status=response.status_code,
        headers=response.headers,
        body=response.content[:10_000],
    )


def project_path(repo: str) -> str:
    """Where a project lies, by its full path."""
    return f"/projects/{quote(repo, safe='')}"


def _unreachable(what: str, error: requests.RequestException) -> Unavailable:
    return Unavailable(f"{what}: GitLab cannot be reached ({type(error).__name__})")

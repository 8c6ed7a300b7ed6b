"""Decide what a caller should do about each failure of GitHub. Reads the clock for a reset."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Final

from github.Requester import Requester

from worker.escape import plain
from worker.forges.base import Forbidden, Hiccup, Limited, Unavailable

SECONDARY_WAIT_S = 60.0  # docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
MAX_WAIT_S = 3600.0
TIMEOUT_WAIT_S = 30.0
CREDENTIALS: Final = "check GAVEL_GITHUB_TOKEN, or GAVEL_GITHUB_APP_ID and GAVEL_GITHUB_PRIVATE_KEY"
REFUSED_BY_TYPE: Final[Mapping[str, int]] = {
    "FORBIDDEN": 403,
    "INSUFFICIENT_SCOPES": 403,
    "NOT_FOUND": 404,
}


class Refused(Forbidden):
    """GitHub refused one request; `status` is the HTTP status of its answer."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def redirected(what: str) -> Forbidden:
    """The error for an answer that would lead a token to another address."""
    return Forbidden(
        f"{what}: GitHub sends us elsewhere, and tokens do not leave the configured host: "
        "check GAVEL_GITHUB_URL, and the repository's present name"
    )


def sorted_out(
    what: str, status: int, headers: Mapping[str, object], message: str
) -> Unavailable | Forbidden:
    """The error that says what a caller should do about an answer of this status."""
    said = f"{what}: GitHub answers {status}" + (f" ({message})" if message else "")
    if status == 401:
        return Refused(f"{said}: {CREDENTIALS}", status=status)
    if status >= 500 and _wait_s(headers) is None:
        return Hiccup(said)
    if status == 429 or status >= 500:
        return Limited(said, retry_after_s=_wait_s(headers) or SECONDARY_WAIT_S)
    if status == 408:
        return Unavailable(said, retry_after_s=_wait_s(headers) or TIMEOUT_WAIT_S)
    if status == 403 and (wait_s := _rate_limit_wait_s(headers, message)):
        return Limited(said, retry_after_s=wait_s)
    if status == 403:
        return Refused(f"{said}: the token lacks a permission, see docs/forges.md", status=status)
    if status in {404, 410}:
        return Refused(f"{said}: it is gone, or the token may not see it", status=status)
    return Refused(said, status=status)


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


def message_of_text(text: str) -> str:
    """GitHub's own sentence in the JSON of a failure, on one line, or ""."""
    try:
        return message_of(json.loads(text))
    except ValueError:
        return ""


def message_of(data: object) -> str:
    """GitHub's own sentence about a failure, on one line, or ""."""
    found = data.get("message") if isinstance(data, dict) else None
    return plain(found, limit=200) if isinstance(found, str) else ""


def graphql_error(error: object) -> Refused | Unavailable:
    """What a caller should do about the first error of a GraphQL answer."""
    found = error if isinstance(error, dict) else {}
    said = f"GraphQL: {plain(str(found.get('message') or 'no reason given'), limit=200)}"
    status = REFUSED_BY_TYPE.get(str(found.get("type")))
    if status is not None:
        return Refused(said, status=status)
    return Unavailable(said, retry_after_s=SECONDARY_WAIT_S)

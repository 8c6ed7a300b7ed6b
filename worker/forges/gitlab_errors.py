"""Decide what a refusal of GitLab means: try again later, or say what is missing. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping

from worker.escape import plain
from worker.forges.base import Forbidden, ForgeError, Limited, Unavailable

RATE_LIMIT_WAIT_S = 60.0  # limits count per minute; docs.gitlab.com/security/rate_limits
FAULT_WAIT_S = 30.0
MAX_WAIT_S = 3600.0
TEMPORARY = frozenset({408, 409, 425, 429})  # 409: the head moved, or somebody else is writing


class Refused(Forbidden):
    """GitLab refused one request; `status` is the HTTP status of its answer."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def refuse(what: str, *, status: int, headers: Mapping[str, str], body: bytes) -> ForgeError:
    """The error that an answer of `status` means.

    what  the request, for the message
    """
    if 300 <= status < 400:
        return Forbidden(
            f"{what}: GitLab sends us elsewhere, and tokens do not leave the configured host: "
            "check GAVEL_GITLAB_URL, and the project's present path"
        )
    message = _message(body)
    said = f"{what}: GitLab answers {status}" + (f" ({message})" if message else "")
    if status in TEMPORARY or status >= 500:
        asked = _wait_s(headers)
        if asked is not None or status == 429:
            return Limited(said, retry_after_s=asked or RATE_LIMIT_WAIT_S)
        return Unavailable(said, retry_after_s=FAULT_WAIT_S)
    if status == 401:
        return Refused(f"{said}: check GAVEL_GITLAB_TOKEN", status=status)
    if status == 403:
        return Refused(
            f"{said}: the token lacks a scope or a role, see docs/forges.md", status=status
        )
    if status in {404, 410}:
        return Refused(f"{said}: it is gone, or the token may not see it", status=status)
    return Refused(said, status=status)


def untrusted(what: str) -> Forbidden:
    """The error for a certificate that is not trusted, or a file of certificates without any."""
    return Forbidden(
        f"{what}: the certificate of GitLab is not trusted: set GAVEL_GITLAB_CA_FILE to a PEM "
        "file with the certificate of the authority that signed it"
    )


def _wait_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the headers ask to wait, at least 1; None if they do not say it in seconds."""
    after = headers.get("Retry-After", "").strip()
    if not (after.isascii() and after.isdigit()):
        return None
    return min(max(float(after), 1.0), MAX_WAIT_S)


def _message(body: bytes) -> str:
    """GitLab's own words about a failure, on one line, or ""."""
    try:
        data: object = json.loads(body)
    except ValueError:
        return ""
    found = (data.get("message") or data.get("error")) if isinstance(data, dict) else None
    if isinstance(found, dict | list):
        found = json.dumps(found, ensure_ascii=False)
    return plain(found, limit=200) if isinstance(found, str) else ""

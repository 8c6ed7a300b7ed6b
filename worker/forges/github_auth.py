"""Act as a GitHub App's installation or as the owner of a token. Building a client is not I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import jwt
from github import Auth, Github
from github.InstallationAuthorization import InstallationAuthorization
from urllib3 import Retry

from worker.forges.base import Forbidden

TIMEOUT_S = 20
SECONDS_BETWEEN_WRITES = 1.0  # docs.github.com/rest/using-the-rest-api/best-practices
USER_AGENT = "gavel-bot"
# PyGithub follows a 301 on the same host and loses the query on the way: what it then reads is
# not of the commit, and not the page, that was asked for.
NO_RETRY: Final = Retry(0, read=False, status_forcelist=(301,), allowed_methods=None)
# All that a token is asked for, and no more, whatever else the App was granted.
PERMISSIONS: Final = {
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}


def token_auth(token: str) -> Auth.Auth:
    """Authentication by a personal, fine-grained or Actions token."""
    return Auth.Token(token)


def installation_auth(
    app_id: str, private_key: str, installation_id: int, *, repo: str = ""
) -> Auth.Auth:
    """Authentication as an App's installation, by a token fetched when first needed and kept
    until shortly before it ends.

    repo         full name of the only repository that the token is for; "": all of them
    private_key  the PEM text (with real or written-out line ends), or the path of a file with it
    """
    return _LeastAuth(app_auth(app_id, private_key), installation_id, repo=repo)


def app_auth(app_id: str, private_key: str) -> Auth.AppAuth:
    """Authentication as the App itself, which may see its own deliveries and nothing else."""
    return Auth.AppAuth(app_id, sign_func=_signer(private_key))


class _LeastAuth(Auth.AppInstallationAuth):
    """Asks only for what we use of what the installation grants, since more would be refused,
    and only for the repository that it is about."""

    def __init__(self, app: Auth.AppAuth, installation_id: int, *, repo: str) -> None:
        super().__init__(app, installation_id)
        self._repo = repo.partition("/")[2]
        self.granted: Mapping[str, str] | None = None

    def _get_installation_authorization(self) -> InstallationAuthorization:
        path = f"/app/installations/{self.installation_id}"
        _, found = self.requester.requestJsonAndCheck("GET", path)
        asked: dict[str, object] = {"permissions": least(found.get("permissions") or {}) or {}}
        if self._repo:
            asked["repositories"] = [self._repo]
        # docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
        headers, made = self.requester.requestJsonAndCheck(
            "POST", f"{path}/access_tokens", input=asked
        )
        self.granted = made.get("permissions")
        return InstallationAuthorization(requester=self.requester, headers=headers, attributes=made)


def granted_to(auth: object) -> Mapping[str, str] | None:
    """What an installation's token was given, once there is one; None where nobody tells, as of
    the token of a person."""
    return auth.granted if isinstance(auth, _LeastAuth) else None


def least(granted: Mapping[str, str]) -> dict[str, str] | None:
    """What to ask a token for, or None for all, where nothing of ours is granted.

    >>> least({"checks": "write", "contents": "write", "issues": "read", "secrets": "write"})
    {'checks': 'write', 'contents': 'read', 'issues': 'read'}
    """
    asked = {
        name: "read" if "read" in {level, granted[name]} else level
        for name, level in PERMISSIONS.items()
        if granted.get(name) in {"read", "write"}
    }
    return asked or None


def client(
    auth: Auth.Auth, *, url: str, seconds_between_writes: float = SECONDS_BETWEEN_WRITES
) -> Github:
    """A PyGithub client of the API at `url` that retries nothing by itself, and follows nothing:
    an answer of 301 raises requests' RetryError, all others are given back."""
    return Github(
        auth=auth,
        base_url=url.rstrip("/"),
        timeout=TIMEOUT_S,
        user_agent=USER_AGENT,
        retry=NO_RETRY,
        seconds_between_requests=0,
        seconds_between_writes=seconds_between_writes,
        lazy=True,
        api_version="2022-11-28",
    )


def _signer(private_key: str) -> Callable[[dict[str, object]], str]:
    def sign(payload: dict[str, object]) -> str:
        try:
            return jwt.encode(payload, key=_pem(private_key), algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError, OSError) as error:
            raise Forbidden(
                "GAVEL_GITHUB_PRIVATE_KEY is not a usable RSA key: give the PEM text that "
                "GitHub generated for the App, or the path of the file that holds it"
            ) from error

    return sign


def _pem(private_key: str) -> str:
    if "-----BEGIN" in private_key:
        return private_key.replace("\\n", "\n")
    return Path(private_key).expanduser().read_text(encoding="ascii")

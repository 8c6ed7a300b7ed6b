"""Acts: signs people in through a forge, by OAuth's code flow with state and PKCE (RFC 7636).

The user's token is used for two questions, who are you and what may you see, and then thrown
away: neither a session nor the database holds it. Redirects are not followed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import requests
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.dashboard.access import Role, Viewer, github_role, gitlab_role
from bot.dashboard.settings import DashboardSettings

TIMEOUT_S = 10
MOST_PAGES = 10
PER_PAGE = 100


class SignInFailed(Exception):
    """The forge did not say who this is. One sentence for the person."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Token(_Answer):
    access_token: str


class _GitHubUser(_Answer):
    login: str


class _GitHubRepo(_Answer):
    full_name: str
    permissions: dict[str, bool] = {}


class _GitLabUser(_Answer):
    username: str


class _Access(_Answer):
    access_level: int = 0


class _Permissions(_Answer):
    project_access: _Access | None = None
    group_access: _Access | None = None


class _GitLabProject(_Answer):
    path_with_namespace: str
    permissions: _Permissions = _Permissions()


@dataclass(frozen=True, slots=True)
class Door:
    """Sign-in through one forge.

    scope    what is asked for: reading only
    authorize, token  the forge's pages of the flow
    """

    forge: str
    title: str
    client_id: str
    client_secret: str
    scope: str
    authorize: str
    token: str
    api: str


def doors(settings: DashboardSettings) -> dict[str, Door]:
    """The forges that people can sign in through, by name."""
    found = {}
    if settings.github_oauth_id and settings.github_oauth_secret:
        found["github"] = Door(
            "github",
            "GitHub",
            settings.github_oauth_id,
            settings.github_oauth_secret.get_secret_value(),
            "",  # an App's permissions, or what is public
            f"{settings.github_web_url}/login/oauth/authorize",
            f"{settings.github_web_url}/login/oauth/access_token",
            settings.github_url,
        )
    if settings.gitlab_oauth_id and settings.gitlab_oauth_secret:
        found["gitlab"] = Door(
            "gitlab",
            "GitLab",
            settings.gitlab_oauth_id,
            settings.gitlab_oauth_secret.get_secret_value(),
            "read_api",
            f"{settings.gitlab_url}/oauth/authorize",
            f"{settings.gitlab_url}/oauth/token",
            f"{settings.gitlab_url}/api/v4",
        )
    return found


def begin(door: Door, *, back: str) -> tuple[str, str, str]:
    """The forge's address to send a person to, the state and the verifier to remember."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": door.client_id,
        "redirect_uri": back,
        "state": state,
        "scope": door.scope,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{door.authorize}?{urlencode(asked)}", state, verifier


def finish(door: Door, *, code: str, verifier: str, back: str) -> Viewer:
    """Who a person is and what they may see. Raises SignInFailed."""
    asked = {
        "grant_type": "authorization_code",
        "client_id": door.client_id,
        "client_secret": door.client_secret,
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    try:
        with requests.Session() as session:
            session.headers["Accept"] = "application/json"
            told = session.post(door.token, data=asked, timeout=TIMEOUT_S, allow_redirects=False)
            token = _Token.model_validate_json(_body(told)).access_token
            session.headers["Authorization"] = f"Bearer {token}"
            return VIEWERS[door.forge](door, session)
    except requests.RequestException as error:
        raise SignInFailed(f"{door.title} cannot be reached now: try again later") from error
    except ValidationError as error:
        raise SignInFailed(f"{door.title} did not confirm who you are: sign in again") from error


def _github(door: Door, session: requests.Session) -> Viewer:
    user = _GitHubUser.model_validate_json(_get(session, f"{door.api}/user"))
    of_page = TypeAdapter(list[_GitHubRepo])
    roles = {
        one.full_name: github_role(one.permissions)
        for body in _pages(session, f"{door.api}/user/repos", {})
        for one in of_page.validate_json(body)
    }
    return Viewer(user.login, door.forge, roles)


def _gitlab(door: Door, session: requests.Session) -> Viewer:
    user = _GitLabUser.model_validate_json(_get(session, f"{door.api}/user"))
    of_page = TypeAdapter(list[_GitLabProject])
    roles: dict[str, Role] = {
        one.path_with_namespace: gitlab_role(_level(one.permissions))
        for body in _pages(session, f"{door.api}/projects", {"membership": "true"})
        for one in of_page.validate_json(body)
    }
    return Viewer(user.username, door.forge, roles)


VIEWERS: Mapping[str, Callable[[Door, requests.Session], Viewer]] = {
    "github": _github,
    "gitlab": _gitlab,
}


def _level(permissions: _Permissions) -> int:
    given = (permissions.project_access, permissions.group_access)
    return max((one.access_level for one in given if one is not None), default=0)


def _pages(session: requests.Session, url: str, asked: Mapping[str, str]) -> Iterator[bytes]:
    for page in range(1, MOST_PAGES + 1):
        body = _get(session, url, {**asked, "per_page": str(PER_PAGE), "page": str(page)})
        yield body
        if len(TypeAdapter(list[object]).validate_json(body)) < PER_PAGE:
            return


def _get(session: requests.Session, url: str, asked: Mapping[str, str] | None = None) -> bytes:
    return _body(session.get(url, params=asked, timeout=TIMEOUT_S, allow_redirects=False))


def _body(answer: requests.Response) -> bytes:
    if answer.status_code >= 300:
        raise SignInFailed(f"the forge refused the sign-in ({answer.status_code}): try again")
    return answer.content

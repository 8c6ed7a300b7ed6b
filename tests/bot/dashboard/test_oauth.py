"""Signing in through a forge, against a stand-in of its pages that checks state and PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from bot.app import create_app
from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from tests.serving import served

ANSWERS: dict[str, object] = {
    "/user": {"login": "ada", "username": "ada", "id": 1},
    "/api/v4/user": {"username": "ada", "id": 1},
    "/user/repos": [
        {"full_name": "octo/rocket", "permissions": {"pull": True}},
        {"full_name": "octo/hello", "permissions": {"pull": True, "push": True}},
    ],
    "/api/v4/projects": [
        {
            "path_with_namespace": "octo/rocket",
            "permissions": {"project_access": None, "group_access": {"access_level": 20}},
        }
    ],
}
TOKENS = ("/login/oauth/access_token", "/oauth/token")


class Forge(ThreadingHTTPServer):
    """Gives one token for the right code and verifier, and answers who has it."""

    challenge = ""
    is_moved = False


class Answer(BaseHTTPRequestHandler):
    server: Forge

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(body["code_verifier"][0].encode()).digest()
        is_right = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.server.challenge
        is_known = self.path in TOKENS and body["code"] == ["good"]
        told = {"access_token": "t0"} if is_right and is_known else {"error": "bad_code"}
        self._tell(200, told)

    def do_GET(self) -> None:
        if self.server.is_moved:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            return
        path = urlsplit(self.path).path
        is_ours = self.headers["Authorization"] == "Bearer t0"
        self._tell(200 if is_ours else 401, ANSWERS[path] if is_ours else {})

    def _tell(self, code: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def forge() -> Iterator[Forge]:
    with served(Forge(("127.0.0.1", 0), Answer)) as server:
        yield server


@pytest.fixture
def app(forge: Forge, pages: DashboardSettings) -> Flask:
    address = f"http://127.0.0.1:{forge.server_port}"
    settings = DashboardSettings(
        home=pages.home,
        database_url=pages.database_url,
        broker_url=pages.broker_url,
        dashboard_url="https://gavel.example.org",
        github_web_url=address,
        github_url=address,
        github_oauth_id="id",
        github_oauth_secret=SecretStr("s"),
        gitlab_url=address,
        gitlab_oauth_id="id",
        gitlab_oauth_secret=SecretStr("s"),
    )
    receiver = BotSettings(
        home=pages.home,
        database_url=pages.database_url,
        broker_url=pages.broker_url,
        github_webhook_secret=SecretStr("It's a Secret to Everybody"),
    )
    return create_app(receiver, pages=settings)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that reaches the pages by https, as cookies ask for."""
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def begin(browser: FlaskClient, forge: Forge, name: str = "github") -> dict[str, str]:
    """What the forge's page is asked for."""
    went = browser.get(f"/sign-in/{name}?next=/feedback").headers["Location"]
    asked = {key: value[0] for key, value in parse_qs(urlsplit(went).query).items()}
    forge.challenge = asked["code_challenge"]
    return asked


def finish(browser: FlaskClient, state: str, code: str = "good", name: str = "github") -> int:
    answer = browser.get(f"/sign-in/{name}/callback?code={code}&state={state}")
    return answer.status_code


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_person_signs_in_through_a_forge(browser: FlaskClient, forge: Forge, name: str) -> None:
    asked = begin(browser, forge, name)
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"https://gavel.example.org/sign-in/{name}/callback"
    assert finish(browser, asked["state"], name=name) == 302
    assert "ada" in browser.get("/repositories").text


def test_they_see_and_do_what_the_forge_lets_them(browser: FlaskClient, forge: Forge) -> None:
    finish(browser, begin(browser, forge)["state"])
    page = browser.get("/repositories").text
    assert "octo/rocket" in page
    assert "hexagon/bees" not in page
    assert browser.get("/repositories/github/hexagon/bees").status_code == 404
    rocket = browser.get("/repositories/github/octo/rocket").text
    assert "Let it go at most to" not in rocket
    assert "hexagon" not in browser.get("/").text + browser.get("/feedback").text


def test_another_state_is_refused(browser: FlaskClient, forge: Forge) -> None:
    begin(browser, forge)
    assert finish(browser, "another") == 400
    assert browser.get("/").status_code == 302


def test_an_answer_is_taken_once(browser: FlaskClient, forge: Forge) -> None:
    state = begin(browser, forge)["state"]
    finish(browser, state)
    assert finish(browser, state) == 400


def test_a_code_without_our_verifier_is_refused(browser: FlaskClient, forge: Forge) -> None:
    state = begin(browser, forge)["state"]
    forge.challenge = "of somebody else"
    assert finish(browser, state) == 502
    assert browser.get("/").status_code == 302


def test_no_redirect_of_the_forge_is_followed(browser: FlaskClient, forge: Forge) -> None:
    state = begin(browser, forge)["state"]
    forge.is_moved = True
    assert finish(browser, state) == 502


def test_a_forge_that_is_down_is_said_so(browser: FlaskClient, forge: Forge) -> None:
    state = begin(browser, forge)["state"]
    forge.server_close()
    answer = browser.get(f"/sign-in/github/callback?code=good&state={state}")
    assert answer.status_code == 502
    assert "cannot be reached now" in answer.text


def test_the_forges_that_are_set_up_are_offered(browser: FlaskClient) -> None:
    page = browser.get("/sign-in").text
    assert "Sign in through GitHub" in page
    assert "Sign in through GitLab" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"github_oauth_id": "id"},
        {"github_oauth_id": "id", "github_oauth_secret": SecretStr("s")},
        {"dashboard_url": "gavel.example.org"},
        {"dashboard_secret": SecretStr("short")},
    ],
)
def test_half_a_sign_in_is_refused_at_the_start(
    pages: DashboardSettings, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"set both|needs|no address|too short"):
        DashboardSettings(home=pages.home, **wrong)

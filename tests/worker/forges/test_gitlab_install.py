from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from bot.cli import build
from bot.commands.gitlab import deliver_to
from bot.problems import WrongUse
from tests.serving import served
from worker.forges.base import Forbidden
from worker.forges.gitlab_install import EVENTS

URL = "https://gavel.example.org"
TARGET = f"{URL}/webhooks/gitlab"
SECRET = "a-secret-of-the-test"


class Hooks(BaseHTTPRequestHandler):
    """The webhooks of one project, as docs.gitlab.com/api/project_webhooks describes them."""

    def do_GET(self) -> None:
        kept = [{"id": key, "url": one["url"]} for key, one in self.server.kept.items()]
        self._answer(200, kept if "page=1" in self.path.split("?")[-1].split("&") else [])

    def do_POST(self) -> None:
        self.server.kept[len(self.server.kept) + 1] = self._sent()
        self._answer(201, {"id": len(self.server.kept), "url": TARGET})

    def do_PUT(self) -> None:
        number = int(self.path.rpartition("/")[2])
        self.server.kept[number] = self._sent()
        self._answer(200, {"id": number, "url": TARGET})

    def _sent(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, value: object) -> None:
        if self.headers.get("Authorization") != "Bearer t" or "octo%2Fhello" not in self.path:
            status, value = 403, {"message": "403 Forbidden"}
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Hooks)
    server.kept = {}
    monkeypatch.setenv("GAVEL_GITLAB_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GAVEL_GITLAB_TOKEN", "t")
    monkeypatch.setenv("GAVEL_GITLAB_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("GAVEL_GITLAB_WRITE_GAP_S", "0")
    with served(server):
        yield server


def install(project: str = "octo/hello", url: str = URL):
    return CliRunner().invoke(build(), ["gitlab", "install", project, "--url", url])


def test_a_webhook_is_made_once_and_then_brought_up_to_date(gitlab: HTTPServer) -> None:
    gitlab.kept[1] = {"url": "https://somebody.else"}
    first, second = install(), install(url=f"{TARGET}/")
    assert (first.exit_code, second.exit_code) == (0, 0), first.exception or second.exception
    assert f"webhook 2 of octo/hello made: it delivers to {TARGET}" in first.stdout
    assert "webhook 2 of octo/hello brought up to date" in second.stdout
    assert set(gitlab.kept) == {1, 2}
    assert gitlab.kept[2]["token"] == SECRET
    assert gitlab.kept[2]["enable_ssl_verification"] is True
    assert all(gitlab.kept[2][event] is True for event in EVENTS)
    assert SECRET not in first.stdout


def test_a_token_that_may_not_is_told(gitlab: HTTPServer) -> None:
    assert isinstance(install("some/other").exception, Forbidden)


@pytest.mark.parametrize("url", ["gavel.example.org", "ftp://x", "https://", "https://x/?a=b"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(WrongUse, match="is no address"):
        deliver_to(url)


def test_without_the_secret_it_says_how_to_make_one(
    gitlab: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAVEL_GITLAB_WEBHOOK_SECRET")
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "x")
    assert "token_hex" in str(install().exception)
    signing = "whsec_" + base64.b64encode(b"s" * 32).decode()
    monkeypatch.setenv("GAVEL_GITLAB_WEBHOOK_SECRET", signing)
    assert "only GitLab makes" in str(install().exception)

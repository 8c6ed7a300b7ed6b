"""GitHub's list of deliveries and of pull requests, over real HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.serving import served
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth
from worker.forges.github_deliveries import GitHubInbox
from worker.forges.inbox import Known, OpenChange
from worker.jobs import ChangeRef

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=3)


def attempt(number: int, guid: str, status: int, *, hours: float) -> dict[str, object]:
    at = (NOW - timedelta(hours=hours)).isoformat()
    return {"id": number, "guid": guid, "delivered_at": at, "status_code": status, "event": "x"}


PAGES = {
    "": [attempt(5, "late", 202, hours=1), attempt(4, "lost", 502, hours=2)],
    "c2": [
        attempt(3, "lost", 0, hours=3),
        attempt(2, "late", 503, hours=4),
        attempt(1, "ancient", 500, hours=73),
    ],
}
PULLS = [
    {"number": 7, "head": {"sha": "a1"}, "updated_at": "2026-03-04T10:00:00Z"},
    {"number": 6, "head": {"sha": "b2"}, "updated_at": "2026-03-03T10:00:00Z", "draft": True},
    {"number": 5, "head": {"sha": "c3"}, "updated_at": "2026-02-01T10:00:00Z"},
]


class Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        cursor = parse_qs(parts.query).get("cursor", [""])[0]
        listed = PAGES[cursor] if parts.path == "/app/hook/deliveries" else PULLS
        host = f"http://{self.headers['Host']}"
        following = f'<{host}{parts.path}?per_page=100&cursor=c2>; rel="next"'
        self.answer(200, listed, link="" if cursor or listed is PULLS else following)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.asked.append(self.path)
        self.answer(202, {})

    def answer(self, status: int, value: object, *, link: str = "") -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def api() -> Iterator[GitHubApi]:
    Handler.asked = []
    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        yield GitHubApi(client(token_auth("t"), url=url, seconds_between_writes=0))


def test_only_deliveries_that_were_never_taken_are_asked_for_again(api: GitHubApi) -> None:
    assert GitHubInbox(app=api, api=lambda _: api).ask_again(since=SINCE) == 1
    assert Handler.asked == ["/app/hook/deliveries/3/attempts"]


def test_a_token_has_no_deliveries_to_ask_for(api: GitHubApi) -> None:
    assert GitHubInbox(app=None, api=lambda _: api).ask_again(since=SINCE) == 0
    assert Handler.asked == []


def test_open_pull_requests_come_without_drafts_and_without_old_ones(api: GitHubApi) -> None:
    inbox = GitHubInbox(app=None, api=lambda _: api)
    found = list(inbox.open_changes([Known("octo/hello", 42)], since=SINCE))
    assert found == [OpenChange(ChangeRef("github", "octo/hello", 7, "a1"), 42)]

"""The route that forges post to: its answers, and what it hands on."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from bot import webhook
from bot.body import SILENCE_S
from bot.webhook import Desk, NotSent, NotStored
from worker.jobs import ReviewJob

PAYLOADS = Path(__file__).parents[1] / "payloads" / "github"
OPENED = (PAYLOADS / "pull_request.opened.app.json").read_bytes()
SECRET = "It's a Secret to Everybody"


@dataclass
class FakeDesk:
    """Remembers what was recorded and sent; either can be made to fail."""

    recorded: list[ReviewJob] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    is_stuck: bool = False
    is_cut_off: bool = False

    def record(self, job: ReviewJob) -> int:
        if self.is_stuck:
            raise NotStored("the database is locked")
        self.recorded.append(job)
        return len(self.recorded)

    def send(self, review_id: int) -> None:
        if self.is_cut_off:
            raise NotSent
        self.sent.append(review_id)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(webhook.routes(Desk({"github": SECRET}, desk.record, desk.send)))
    return app.test_client()


def signed(body: bytes, event: str = "pull_request") -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e",
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def test_a_genuine_delivery_is_recorded_then_sent(client: FlaskClient, desk: FakeDesk) -> None:
    answer = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert (answer.status_code, answer.get_json()["status"]) == (202, "accepted")
    assert desk.recorded[0].change.repo == "Codertocat/Hello-World"
    assert desk.sent == [1]


def test_the_line_of_a_delivery_names_its_change_and_its_review(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
        client.post("/webhooks/github", data=OPENED, headers=signed(OPENED + b" "))
    taken, refused = (line for line in lines if line["event"] == "delivery")
    assert (taken["delivery_id"], taken["review_id"], taken["answer"]) == ("72d3162e", 1, 202)
    assert taken["change"].startswith("github:Codertocat/Hello-World#")
    assert (refused["review_id"], refused["change"], refused["answer"]) == (None, "", 401)


def test_a_delivery_is_accepted_while_the_broker_is_down(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.is_cut_off = True
    answer = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert answer.status_code == 202
    assert "queued later" in answer.get_json()["reason"]
    assert len(desk.recorded) == 1


def test_a_delivery_that_cannot_be_recorded_asks_to_be_delivered_again(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.is_stuck = True
    answer = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert answer.status_code == 503
    assert answer.get_json() == {
        "status": "failed",
        "reason": "the database is locked; deliver it again later",
    }
    assert desk.sent == []


def test_a_wrong_signature_is_refused_before_anything_is_parsed(
    client: FlaskClient, desk: FakeDesk
) -> None:
    answer = client.post("/webhooks/github", data=b"{ not json", headers=signed(OPENED))
    assert answer.status_code == 401
    assert desk.recorded == []


def test_a_missing_signature_is_refused(client: FlaskClient, desk: FakeDesk) -> None:
    answer = client.post("/webhooks/github", data=OPENED, headers={"X-GitHub-Event": "ping"})
    assert answer.status_code == 401
    assert answer.get_json()["status"] == "refused"
    assert desk.recorded == []


@pytest.mark.parametrize("forge", ["gitbub", "GitHub", "gitlab", "github%00", "..%2fgithub"])
def test_an_unknown_forge_is_not_found(client: FlaskClient, desk: FakeDesk, forge: str) -> None:
    answer = client.post(f"/webhooks/{forge}", data=OPENED, headers=signed(OPENED))
    assert answer.status_code == 404
    assert desk.recorded == []


def test_broken_json_is_a_bad_request(client: FlaskClient, desk: FakeDesk) -> None:
    answer = client.post("/webhooks/github", data=b"{", headers=signed(b"{"))
    assert answer.status_code == 400
    assert answer.get_json()["reason"] == "the body is not valid JSON"
    assert desk.recorded == []


def test_an_unknown_event_is_acknowledged_with_the_reason(
    client: FlaskClient, desk: FakeDesk
) -> None:
    answer = client.post("/webhooks/github", data=b"{}", headers=signed(b"{}", "star"))
    assert answer.status_code == 202
    assert answer.get_json() == {
        "status": "ignored",
        "reason": "the event 'star' asks for no review",
    }
    assert desk.recorded == []


def test_an_unknown_action_is_acknowledged_with_the_reason(
    client: FlaskClient, desk: FakeDesk
) -> None:
    body = json.dumps({**json.loads(OPENED), "action": "enqueued"}).encode()
    answer = client.post("/webhooks/github", data=body, headers=signed(body))
    assert (answer.status_code, answer.get_json()["status"]) == (202, "ignored")
    assert "'enqueued'" in answer.get_json()["reason"]
    assert desk.recorded == []


@pytest.mark.parametrize("size", [26_000_000, 26 * 1024 * 1024])
def test_a_body_of_26_megabytes_is_too_large_even_if_signed(
    client: FlaskClient, desk: FakeDesk, size: int
) -> None:
    body = b" " * size
    answer = client.post("/webhooks/github", data=body, headers=signed(body))
    assert answer.status_code == 413
    assert answer.get_json()["status"] == "refused"
    assert desk.recorded == []


def test_a_body_of_26_megabytes_is_too_large_also_when_its_length_is_not_said(
    client: FlaskClient,
) -> None:
    answer = client.post(
        "/webhooks/github",
        input_stream=io.BytesIO(b" " * 26_000_000),
        headers={**signed(b""), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


def test_the_largest_body_that_github_sends_is_taken(client: FlaskClient, desk: FakeDesk) -> None:
    body = json.dumps({**json.loads(OPENED), "padding": ""}).encode()
    body = body[:-2] + b"x" * (25_000_000 - len(body)) + body[-2:]
    answer = client.post("/webhooks/github", data=body, headers=signed(body))
    assert answer.status_code == 202
    assert len(desk.recorded) == 1


def test_a_body_without_an_announced_length_is_read_whole(
    client: FlaskClient, desk: FakeDesk
) -> None:
    answer = client.post(
        "/webhooks/github",
        input_stream=io.BytesIO(OPENED),
        headers={**signed(OPENED), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 202
    assert len(desk.recorded) == 1


def test_a_sender_that_breaks_off_gets_a_refusal_and_leaves_nothing(
    client: FlaskClient, desk: FakeDesk
) -> None:
    answer = client.post(
        "/webhooks/github",
        data=OPENED[:-10],
        headers=signed(OPENED),
        environ_overrides={"CONTENT_LENGTH": str(len(OPENED))},
    )
    assert answer.status_code == 400
    assert desk.recorded == []


class Silence(io.RawIOBase):
    """A connection on which nothing more comes."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise TimeoutError("timed out")


class Connection:
    """What gunicorn passes as the socket."""

    timeout: float | None = None

    def settimeout(self, timeout: float) -> None:
        self.timeout = timeout


@pytest.fixture
def silent(client: FlaskClient) -> Iterator[tuple[int, Connection]]:
    connection = Connection()
    answer = client.post(
        "/webhooks/github",
        headers=signed(OPENED),
        environ_overrides={
            "wsgi.input": Silence(),
            "CONTENT_LENGTH": str(len(OPENED)),
            "gunicorn.socket": connection,
        },
    )
    yield answer.status_code, connection


def test_a_sender_that_falls_silent_does_not_hold_a_thread(silent: tuple[int, Connection]) -> None:
    code, connection = silent
    assert code == 400
    assert connection.timeout == SILENCE_S

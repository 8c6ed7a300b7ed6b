"""GitHub's own examples of every event: taken when signed, refused when anything is forged."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot import webhook
from bot.webhook import Desk
from tests import npm

SECRET = "It's a Secret to Everybody"
EVENTS, EXAMPLES = 58, 329


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, bytes]]:
    """Event and body of each example."""
    try:
        path = npm.file_of(npm.WEBHOOK_EXAMPLES, "api.github.com/index.json")
    except npm.NoNpm as reason:
        pytest.skip(str(reason))
    listed = json.loads(path.read_text(encoding="utf-8"))
    return [
        (event["name"], json.dumps(example).encode())
        for event in listed
        for example in event["examples"]
    ]


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    app = Flask(__name__)
    app.register_blueprint(
        webhook.routes(Desk({"github": SECRET}, lambda job: 1, lambda review_id: None))
    )
    with app.test_client() as client:
        yield client


def answers(client: FlaskClient, examples, *, more: bytes = b"", secret: str = SECRET) -> Counter:
    """How often each status was the answer, with bytes added after signing."""
    return Counter(post(client, event, body, more, secret) for event, body in examples)


def post(client: FlaskClient, event: str, body: bytes, more: bytes, secret: str) -> int:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": hashlib.sha256(body).hexdigest()[:32],
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    return client.post("/webhooks/github", data=body + more, headers=headers).status_code


def test_all_of_the_examples_are_there(examples) -> None:
    assert (len({event for event, _ in examples}), len(examples)) == (EVENTS, EXAMPLES)


def test_every_example_is_taken_when_it_is_signed(client, examples) -> None:
    assert answers(client, examples) == {202: EXAMPLES}


def test_every_example_is_refused_with_a_forged_signature(client, examples) -> None:
    assert answers(client, examples, secret="another secret") == {401: EXAMPLES}


@pytest.mark.parametrize("more", [b" ", b"\n", b"\0"])
def test_every_example_is_refused_with_one_byte_more(client, examples, more) -> None:
    assert answers(client, examples, more=more) == {401: EXAMPLES}

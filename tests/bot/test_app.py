"""The receiver put together: database, broker address, and every answer as JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from bot import app as receiver
from bot.settings import BotSettings
from worker.store.migrate import upgrade

PAYLOADS = Path(__file__).parents[1] / "payloads" / "github"
OPENED = (PAYLOADS / "pull_request.opened.app.json").read_bytes()
SECRET = "It's a Secret to Everybody"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> BotSettings:
    return BotSettings(
        home=home,
        database_url=f"sqlite:///{home}/gavel.sqlite",
        broker_url=f"redis+socket://{home}/nobody-listens.sock",
        github_webhook_secret=SecretStr(SECRET),
    )


@pytest.fixture
def app(settings: BotSettings) -> Flask:
    upgrade(settings.database_url)
    return receiver.create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def database(app: Flask, home: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(home / "gavel.sqlite", isolation_level=None)
    yield connection
    connection.close()


def signed(body: bytes, delivery: str = "72d3162e") -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def rows(database: sqlite3.Connection) -> tuple[int, int]:
    """How many deliveries and reviews there are."""
    count = "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM reviews)"
    found: tuple[int, int] = database.execute(count).fetchone()
    return found


def test_a_delivery_is_on_disk_when_it_is_acknowledged_though_the_broker_is_down(
    client: FlaskClient, database: sqlite3.Connection
) -> None:
    answer = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert (answer.status_code, answer.get_json()["status"]) == (202, "accepted")
    assert "queued later" in answer.get_json()["reason"]
    assert rows(database) == (1, 1)


def test_every_delivery_of_a_crowd_is_on_disk_when_it_is_acknowledged(
    app: Flask, database: sqlite3.Connection, home: Path
) -> None:
    def deliver(number: int) -> tuple[int, int]:
        with closing(sqlite3.connect(home / "gavel.sqlite")) as own:
            answer = app.test_client().post(
                "/webhooks/github", data=OPENED, headers=signed(OPENED, f"d{number}")
            )
            mine = "SELECT count(*) FROM deliveries WHERE delivery_id = ?"
            return answer.status_code, own.execute(mine, (f"d{number}",)).fetchone()[0]

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(deliver, range(64))) == {(202, 1)}
    assert rows(database) == (64, 1)


def test_a_resent_delivery_adds_nothing(client: FlaskClient, database: sqlite3.Connection) -> None:
    first = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    second = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert (first.status_code, second.status_code) == (202, 202)
    assert rows(database) == (1, 1)


def test_a_second_delivery_for_the_same_head_is_the_same_review(
    client: FlaskClient, database: sqlite3.Connection
) -> None:
    client.post("/webhooks/github", data=OPENED, headers=signed(OPENED, "one"))
    client.post("/webhooks/github", data=OPENED, headers=signed(OPENED, "two"))
    assert rows(database) == (2, 1)


@pytest.mark.parametrize(
    ("path", "body", "sign", "code"),
    [
        ("/webhooks/github", OPENED, False, 401),
        ("/webhooks/gitbub", OPENED, True, 404),
        ("/webhooks/github", b"{", True, 400),
        ("/webhooks/github", b'{"action": "opened"}', True, 400),
        ("/webhooks/github", b"x" * 26_000_000, True, 413),
        ("/webhooks/github", b'{"action": "labeled"}', True, 202),
        ("/nowhere", OPENED, True, 404),
    ],
)
def test_what_is_not_taken_leaves_no_row_and_a_reason_as_json(
    client: FlaskClient,
    database: sqlite3.Connection,
    path: str,
    body: bytes,
    sign: bool,
    code: int,
) -> None:
    answer = client.post(path, data=body, headers=signed(body if sign else b""))
    assert answer.status_code == code
    assert answer.get_json().keys() == {"status", "reason"}
    assert answer.get_json()["reason"]
    assert "Traceback" not in answer.text
    assert rows(database) == (0, 0)


def test_a_locked_database_is_reported_and_the_delivery_can_be_sent_again(
    settings: BotSettings, database: sqlite3.Connection
) -> None:
    client = receiver.create_app(settings, wait_for_lock_ms=1).test_client()
    database.execute("BEGIN IMMEDIATE")
    refused = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    database.execute("ROLLBACK")
    taken = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert (refused.status_code, taken.status_code) == (503, 202)
    assert "deliver it again" in refused.get_json()["reason"]
    assert rows(database) == (1, 1)


def test_the_receiver_is_ready_when_the_tables_are_there(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok", "reason": ""}
    assert client.get("/readyz").get_json() == {"status": "ok", "reason": ""}


def test_without_tables_it_is_alive_but_not_ready_and_takes_nothing(
    settings: BotSettings,
) -> None:
    client = receiver.create_app(settings).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    answer = client.post("/webhooks/github", data=OPENED, headers=signed(OPENED))
    assert answer.status_code == 503
    assert "Traceback" not in answer.text


def test_the_wrong_method_is_refused_as_json(client: FlaskClient) -> None:
    answer = client.get("/webhooks/github")
    assert (answer.status_code, answer.get_json()["status"]) == (405, "refused")


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GAVEL_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_importing_the_receiver_loads_neither_models_nor_forge_clients() -> None:
    heavy = ["torch", "transformers", "numpy", "github", "gitlab", "worker.forges", "worker.tasks"]
    done = run(f"import bot.app, sys; print([m for m in {json.dumps(heavy)} if m in sys.modules])")
    assert (done.stdout.strip(), done.returncode) == ("[]", 0)


def test_without_a_secret_the_process_stops_with_one_sentence(tmp_path: Path) -> None:
    done = run("import bot.app; bot.app.from_environment()", GAVEL_HOME=str(tmp_path))
    assert done.returncode == receiver.WORKER_BOOT_ERROR
    assert done.stderr.startswith("gavel: GAVEL_GITHUB_WEBHOOK_SECRET is not set")
    assert len(done.stderr.splitlines()) == 1


def test_gunicorn_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    done = run("import bot.server; bot.server.on_starting(None)", GAVEL_HOME=str(tmp_path))
    assert done.returncode == 2
    assert "GAVEL_GITHUB_WEBHOOK_SECRET" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_url_that_is_none_stops_the_process_without_a_traceback(
    tmp_path: Path,
) -> None:
    done = run(
        "import bot.app; bot.app.from_environment()",
        GAVEL_HOME=str(tmp_path),
        GAVEL_GITHUB_WEBHOOK_SECRET="s",
        GAVEL_DATABASE_URL="mongodb://nowhere",
    )
    assert done.returncode == receiver.WORKER_BOOT_ERROR
    assert "GAVEL_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr

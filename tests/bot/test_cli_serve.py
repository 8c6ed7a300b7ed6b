from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from bot.commands import replay, serve
from bot.problems import CouldNotJudge, WrongUse
from worker.jobs import ChangeRef, Remark, RemarkJob
from worker.store import asks, talk_tables
from worker.store.engine import open_engine, reading
from worker.store.migrate import upgrade
from worker.store.tables import deliveries, reviews

PAYLOAD = Path(__file__).parents[1] / "payloads" / "github" / "pull_request.opened.json"
AS_EVENT = ("--event", "pull_request", "--delivery", "d-1")


def run(*arguments: object) -> Result:
    app = typer.Typer()
    serve.register(app)
    replay.register(app)
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, and a broker's socket that nobody listens on."""
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.setenv("GAVEL_DATABASE_URL", url)
    monkeypatch.setenv("GAVEL_BROKER_URL", f"redis+socket://{tmp_path / 'none.sock'}")
    upgrade(url)
    return url


def count(url: str, table: object) -> int:
    engine = open_engine(url)
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
    engine.dispose()
    return found


def test_a_dry_run_prints_the_job_and_changes_nothing(database: str) -> None:
    done = run("replay", PAYLOAD, *AS_EVENT, "--dry-run")
    assert done.exit_code == 0
    job = json.loads(done.stdout)
    payload = json.loads(PAYLOAD.read_text())
    assert job["change"]["number"] == payload["pull_request"]["number"]
    assert job["change"]["head_sha"] == payload["pull_request"]["head"]["sha"]
    assert (job["event"], job["delivery_id"]) == ("pull_request.opened", "d-1")
    assert count(database, deliveries) == 0


def test_a_delivery_is_recorded_once_and_waits_for_the_broker(database: str) -> None:
    first = run("replay", PAYLOAD, *AS_EVENT)
    again = run("replay", PAYLOAD, *AS_EVENT)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "is recorded and will be queued when the broker is back" in first.stdout
    assert "was recorded before" in again.stdout
    assert (count(database, deliveries), count(database, reviews)) == (1, 1)


def test_a_delivery_that_asks_for_nothing_says_why(database: str) -> None:
    done = run("replay", PAYLOAD, "--event", "push", "--delivery", "d-1")
    assert (done.exit_code, done.stdout) == (0, "ignored: the event 'push' asks for no review\n")
    assert count(database, deliveries) == 0


def test_what_is_no_delivery_is_told(database: str, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("{")
    refused = run("replay", tmp_path / "bad", *AS_EVENT).exception
    assert isinstance(refused, WrongUse)
    assert str(refused).endswith("/bad cannot be read: the body is not valid JSON")
    assert isinstance(run("replay", PAYLOAD).exception, WrongUse)
    assert isinstance(run("replay", tmp_path / "none").exception, WrongUse)
    unknown = run("replay", PAYLOAD, *AS_EVENT, "--forge", "gitbub").exception
    assert "unknown forge 'gitbub': expected github" in str(unknown)


def test_without_tables_the_remedy_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert isinstance(run("replay", PAYLOAD, *AS_EVENT).exception, CouldNotJudge)


def test_a_sweep_with_nothing_due_sends_nothing(database: str) -> None:
    done = run("sweep")
    assert (done.exit_code, done.stdout) == (0, "0 reviews sent again\n")


def test_a_sweep_sends_what_people_asked_for_in_words_again_too(database: str) -> None:
    remark = Remark(ChangeRef("github", "octo/hello", 7, ""), "11", "", "ann", False, "/gavel help")
    engine = open_engine(database)
    asks.record(engine, RemarkJob(remark, "d1", "x"), now=datetime(2026, 3, 1, tzinfo=UTC))
    assert run("sweep").exit_code == 0
    with reading(engine) as connection:
        assert connection.execute(select(talk_tables.asks.c.sends)).scalar_one() == 1
    engine.dispose()


def test_an_address_of_version_6_stands_in_brackets() -> None:
    assert "--bind=[::1]:80" in serve.serve_arguments("::1", 80)
    assert "--bind=localhost:80" in serve.serve_arguments("localhost", 80)

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import build
from bot.problems import WrongUse
from worker.jobs import ChangeRef, ReviewJob
from worker.store import deliveries
from worker.store.engine import open_engine
from worker.store.migrate import upgrade


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("GAVEL_DATABASE_URL", raising=False)
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    upgrade(url)
    engine = open_engine(url)
    for repo in ("octo/hello", "other/x"):
        job = ReviewJob(ChangeRef("github", repo, 1, "a1"), repo, "opened")
        deliveries.record(engine, job, now=datetime(2026, 1, 1, tzinfo=UTC))
    engine.dispose()
    return tmp_path


def run(*words: str) -> str:
    done = CliRunner().invoke(build(), ["installation", *words])
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_an_owner_s_rows_are_exported_with_the_names_of_their_tables(home: Path) -> None:
    run("export", "octo", str(home / "octo.jsonl"))
    rows = [json.loads(line) for line in (home / "octo.jsonl").read_text().splitlines()]
    assert {row["table"] for row in rows} >= {"reviews", "deliveries"}
    assert {row["repo"] for row in rows if "repo" in row} == {"octo/hello"}


def test_nothing_is_erased_without_a_word(home: Path) -> None:
    with pytest.raises(WrongUse, match="--yes"):
        run("erase", "octo")
    run("export", "octo", str(home / "still.jsonl"))
    assert (home / "still.jsonl").read_text() != ""


def test_what_is_erased_is_gone_and_nothing_else(home: Path) -> None:
    said = run("erase", "octo", "--yes")
    assert "reviews: 1" in said
    run("export", "octo", str(home / "octo.jsonl"))
    run("export", "other", str(home / "other.jsonl"))
    assert (home / "octo.jsonl").read_text() == ""
    assert (home / "other.jsonl").read_text() != ""


def test_reviews_that_wait_do_not_expire(home: Path) -> None:
    said = run("expire", "--days", "1")
    assert said == "0 reviews deleted\n0 asks deleted\n0 merge_groups deleted\n"

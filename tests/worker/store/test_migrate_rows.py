"""Rows of the first version survive the way up, and the way down, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from tests.postgres import NoPostgres, postgres
from worker.store import reviews, snippets
from worker.store.engine import open_engine, reading, writing
from worker.store.migrate import downgrade, is_current, upgrade
from worker.types import State

ROWS = (
    "INSERT INTO reviews (id, key, forge, repo, number, head_sha, state, reason, conclusion, "
    "attempts, postponed, sends, base_sha, title, rules, check_open, forge_review_id, check_id, "
    "comment_ids, created_at, updated_at) VALUES (1, 'github:o/r#7@a1', 'github', 'o/r', 7, 'a1', "
    "'scored', '', '', 0, 0, 0, 'b0', 'Title', :blob, :yes, '', '', '[]', :at, :at)",
    "INSERT INTO deliveries (id, forge, delivery_id, event, review_id, received_at) "
    "VALUES (1, 'github', 'd1', 'pull_request.opened', 1, :at)",
    "INSERT INTO snippets (review_id, position, path, language, start_line, end_line, code, kind, "
    "name, prompt, changed_lines, diff, fingerprint, p_correct, logit, model, abstained, "
    "verdict_reason) VALUES (1, 0, :blob, 'python', 1, 2, :blob, 'function', :blob, :blob, '[1]', "
    ":blob, '0123456789abcdef', 0.25, -1.0, 'small', :no, '')",
    "INSERT INTO skipped (review_id, position, path, reason, is_code) "
    "VALUES (1, 0, :blob, 'a lock file', :no)",
    "INSERT INTO feedback (id, forge, delivery_id, repo, number, fingerprint, signal, received_at) "
    "VALUES (1, 'github', 'f1', 'o/r', 7, '0123456789abcdef', 'agreed', :at)",
)
VALUES = {"blob": b"x\x00\xc3\xa9", "yes": True, "no": False, "at": "2026-03-01 12:00:00"}
COUNTED = ("reviews", "deliveries", "snippets", "skipped", "feedback")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gavel.sqlite'}"
        return
    try:
        with postgres() as server:
            yield server.url
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def old(url: str) -> Iterator[Engine]:
    """A database of the first version with a row in each of its tables."""
    upgrade(url, revision="0001")
    engine = open_engine(url)
    with writing(engine) as connection:
        for row in ROWS:
            connection.execute(text(row), VALUES)
    yield engine
    engine.dispose()


def counts(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return [
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in COUNTED
        ]


def test_rows_of_the_first_version_are_read_by_this_one(url: str, old: Engine) -> None:
    upgrade(url)
    assert is_current(old)
    row = reviews.get(old, 1)
    assert row is not None
    assert (row.state, row.title, row.delivery_id) == (State.SCORED, "Title", "d1")
    (judged,) = snippets.judged(old, 1)
    assert (judged.verdict.p_correct, judged.snippet.changed_lines) == (0.25, (1,))


def test_receivers_that_start_together_migrate_once(url: str, old: Engine) -> None:
    code = "import sys; from worker.store.migrate import upgrade; upgrade(sys.argv[1])"
    together = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    assert [one.wait(60) for one in together] == [0, 0, 0]
    assert is_current(old)
    assert counts(old) == [1, 1, 1, 1, 1]


def test_going_back_and_forth_loses_no_row(url: str, old: Engine) -> None:
    before = counts(old)
    upgrade(url)
    downgrade(url, revision="0001")
    assert counts(old) == before == [1, 1, 1, 1, 1]
    assert "turn_at" not in {one["name"] for one in inspect(old).get_columns("reviews")}
    upgrade(url)
    assert counts(old) == before
    assert is_current(old)

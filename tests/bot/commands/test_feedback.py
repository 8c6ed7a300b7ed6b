from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import build
from judge.train.data import read_data
from tests.histories import fill
from worker.store import feedback
from worker.store.engine import open_engine
from worker.store.migrate import upgrade


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/gavel.sqlite"
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.setenv("GAVEL_DATABASE_URL", url)
    upgrade(url)
    engine = open_engine(url)
    fill(engine, 60, now=datetime(2026, 3, 1, tzinfo=UTC), said=30)
    engine.dispose()
    return url


def test_labels_come_out_as_rows_that_training_reads(url: str, tmp_path: Path) -> None:
    out = tmp_path / "feedback.jsonl.gz"
    done = CliRunner().invoke(build(), ["feedback", "export", str(out)])
    assert done.exit_code == 0, done.output
    rows = list(read_data(out))
    assert len(rows) > 10
    assert {row.label_from for row in rows} == {"feedback"}
    assert {row.label for row in rows} == {0, 1}
    assert len({row.id for row in rows}) == len(rows)


def test_what_was_taken_back_is_not_exported(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for kept in feedback.page(engine, before=None, limit=1000):
        feedback.set_undone(engine, kept.id, by="root", now=now)
    engine.dispose()
    done = CliRunner().invoke(build(), ["feedback", "export", str(tmp_path / "out.jsonl")])
    assert done.stdout.startswith("0 rows written")

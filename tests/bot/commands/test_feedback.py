from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.cli import build
from bot.problems import WrongUse
from judge.train.data import read_data
from tests.histories import CODE, fill
from worker.feedback import Signal
from worker.store import feedback
from worker.store.engine import open_engine, writing
from worker.store.migrate import upgrade
from worker.store.tables import reviews

Git = Callable[..., str]


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


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "none" / "out.jsonl"):
        done = CliRunner().invoke(build(), ["feedback", "export", str(out)])
        assert isinstance(done.exception, WrongUse)
        assert "folder" in str(done.exception)


def test_what_was_taken_back_is_not_exported(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for kept in feedback.page(engine, before=None, limit=1000):
        feedback.set_undone(engine, kept.id, by="root", now=now)
    engine.dispose()
    done = CliRunner().invoke(build(), ["feedback", "export", str(tmp_path / "out.jsonl")])
    assert done.stdout.startswith("0 rows written")


def committed(top: Path, git: Git, text: str, title: str) -> None:
    (top / "src").mkdir(exist_ok=True)
    (top / "src" / "pages_0.py").write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", title)


def test_a_later_fix_in_a_clone_becomes_a_label_once(url: str, git: Git, top: Path) -> None:
    code = CODE.rstrip() + "  # 55\n"
    engine = open_engine(url)
    with writing(engine) as connection:
        at = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(update(reviews).where(reviews.c.id == 55).values(created_at=at))
        repo = connection.execute(select(reviews.c.repo).where(reviews.c.id == 55)).scalar_one()
    committed(top, git, code, "Count pages")
    committed(top, git, code.replace("total // size", "-(-total // size)"), "Fix the last page")
    asked = ["feedback", "history", str(top), "--repo", repo]
    first = CliRunner().invoke(build(), asked)
    second = CliRunner().invoke(build(), asked)
    kept = [one.given for one in feedback.page(engine, before=None, limit=1000)]
    engine.dispose()
    assert (first.stdout, second.stdout) == (
        f"1 new signal from {repo}\n",
        f"0 new signals from {repo}\n",
    )
    assert (kept[0].signal, kept[0].author) == (Signal.FIXED, "")

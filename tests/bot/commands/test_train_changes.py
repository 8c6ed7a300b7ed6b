from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import train_changes
from bot.problems import WrongUse


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    app.callback()(lambda: None)
    train_changes.register(app)
    return app


def test_a_folder_that_is_no_adapter_is_named(app: typer.Typer, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("")
    command = ["train-changes", str(rows), "--onto", str(tmp_path), "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, WrongUse)
    assert "judge.json" in str(done.exception)


def test_rows_without_a_diff_are_too_few_to_fit_on(app: typer.Typer, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("")
    done = CliRunner().invoke(app, ["train-changes", str(rows), "--out", str(tmp_path / "o")])
    assert isinstance(done.exception, WrongUse)
    assert not (tmp_path / "o").exists()

from __future__ import annotations

import json
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


def test_a_folder_is_asked_for_unless_nothing_is_trained(app: typer.Typer, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("")
    neither = CliRunner().invoke(app, ["train-changes", str(rows)])
    assert "--diff-alone" in str(neither.exception)
    both = ["train-changes", str(rows), "--diff-alone", "--out", str(tmp_path / "o")]
    assert "--diff-alone" in str(CliRunner().invoke(app, both).exception)


def test_what_diffs_tell_is_printed_with_intervals(app: typer.Typer, tmp_path: Path) -> None:
    told = {"prompt": "", "language": "go", "diff": "@@ -0,0 +1 @@\n+x"}
    lines = [
        {**told, "code": "x" * (2 + n % 2), "source": f"a/{n // 4}", "label": n % 2}
        for n in range(24)
    ]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(one) + "\n" for one in lines))
    done = CliRunner().invoke(app, ["train-changes", str(rows), "--diff-alone"])
    assert done.exit_code == 0, done.output
    assert "length 0.000 [0.000, 0.000]" in done.output

"""`gavel pull` and `gavel models`, as a terminal and as a log see them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import build
from bot.commands.weights import Bar, table
from judge.registry import DEFAULT_MODEL, MODELS


def shown(home: Path) -> list[str]:
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(table(home))
    return console.export_text().splitlines()


def test_every_model_is_listed_with_its_size_and_licence(tmp_path: Path) -> None:
    lines = shown(tmp_path)[1:]
    for model, line in zip(MODELS.values(), lines, strict=True):
        assert line.split()[0] == model.name
        assert model.license in line
        assert " MB " in line


def test_the_default_is_marked_and_nothing_is_claimed_to_be_here(tmp_path: Path) -> None:
    marked = [line for line in shown(tmp_path) if line.rstrip().endswith("default")]
    assert [line.split()[0] for line in marked] == [DEFAULT_MODEL]
    assert not any(" yes" in line for line in shown(tmp_path))


def test_a_folder_that_was_not_verified_does_not_count_as_here(tmp_path: Path) -> None:
    (tmp_path / "models" / DEFAULT_MODEL / "bf16").mkdir(parents=True)
    assert not any(" yes" in line for line in shown(tmp_path))


def test_without_a_terminal_each_step_is_one_line_and_there_is_no_bar() -> None:
    out = io.StringIO()
    with Bar(Console(file=out, width=40)) as bar:
        bar.begin("downloading x", 100)
        for done in range(100):
            bar.reach(done)
        bar.note("hub: [red]no answer[/red] in time, which is a long sentence")
    assert out.getvalue().splitlines() == [
        "downloading x",
        "hub: [red]no answer[/red] in time, which is a long sentence",
    ]


def test_on_a_terminal_there_is_a_bar_and_notes_stand_above_it() -> None:
    out = io.StringIO()
    with Bar(Console(file=out, width=100, force_terminal=True)) as bar:
        bar.begin("downloading x", 2_000_000)
        bar.reach(1_000_000)
        bar.note("hub: no answer in time")
    assert "1.0/2.0 MB" in out.getvalue()
    assert "hub: no answer in time" in out.getvalue()


def test_a_pull_without_a_name_is_of_the_model_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_MODEL", str(tmp_path))
    done = CliRunner().invoke(build(), ["pull"])
    assert done.exit_code == 0
    assert "nothing to fetch" in done.stderr

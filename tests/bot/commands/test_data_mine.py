from __future__ import annotations

import json
import subprocess
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from bot.commands import data
from bot.commands.data_words import told
from bot.problems import WrongUse

CODE = "def top(a, b):\n    if a < b:\n        return b\n    return a"


def invoke(*arguments: str) -> Result:
    built = typer.Typer()
    built.command("other")(lambda: None)
    data.register(built)
    return CliRunner().invoke(built, ["data", *arguments])


def rows(path: Path) -> Path:
    row = {"id": "r1", "task_id": "T/1", "source": "s", "language": "python", "prompt": "p"}
    more = {"code": CODE, "label": 1, "generator": "g", "label_from": "tests", "license": "MIT"}
    path.write_text(json.dumps({**row, **more}) + "\n")
    return path


def test_mutants_are_written_and_their_marks_measured(tmp_path: Path) -> None:
    source, out = rows(tmp_path / "rows.jsonl"), tmp_path / "out.jsonl"
    result = invoke("mutate", str(source), str(out), "--per-row", "2")
    assert result.exit_code == 0, result.output
    assert "2 wrong variants of 1 right rows" in result.output
    assert "too few tasks to measure" in result.output
    assert out.read_text().count('"mutation"') == 4


def test_a_file_that_is_no_data_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("nothing\n")
    result = invoke("mutate", str(tmp_path / "rows.jsonl"), str(tmp_path / "out.jsonl"))
    assert isinstance(result.exception, WrongUse)


def test_a_history_is_mined_from_the_command_line(tmp_path: Path) -> None:
    clone = tmp_path / "tool"
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for arguments in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "Start")):
        place = [] if arguments[0] == "init" else ["-C", str(clone)]
        target = [str(clone)] if arguments[0] == "init" else []
        subprocess.run(["git", *place, *identity, *arguments, *target], check=True)
    told_ = invoke("changes", str(tmp_path / "mined"), "--repo", str(clone), "--name", "team/tool")
    assert told_.exit_code == 0, told_.output
    assert "team/tool: {}" in told_.output
    assert (tmp_path / "mined" / "manifest.json").exists()


def test_nothing_to_mine_and_an_ambiguous_name_are_wrong_use(tmp_path: Path) -> None:
    nothing = invoke("changes", str(tmp_path / "mined"))
    assert isinstance(nothing.exception, WrongUse)
    assert "--repo" in str(nothing.exception)
    two = invoke("changes", str(tmp_path), "--repo", "a", "--repo", "b", "--name", "c/d")
    assert "exactly one --repo" in str(two.exception)


def test_a_check_that_finds_something_ends_as_wrong_use(tmp_path: Path) -> None:
    source = rows(tmp_path / "rows.jsonl")
    assert invoke("check", str(source)).exit_code == 0
    again = tmp_path / "again.jsonl"
    again.write_text(source.read_text())
    result = invoke("check", str(source), str(again))
    assert isinstance(result.exception, WrongUse)
    assert "tasks in more than one set: 1" in result.output
    assert "100% the same" in result.output


def test_a_bad_style_and_a_bad_package_are_wrong_use(tmp_path: Path) -> None:
    style = invoke("generate", "tasks", "out", "--style", "rhyme")
    assert "expected examples or plain" in str(style.exception)
    package = invoke("releases", "requests", str(tmp_path / "out"))
    assert "out of bounds" in str(package.exception)


def test_counts_are_told_the_largest_first() -> None:
    assert told({"a": 1, "b": 3}) == "b 3, a 1"
    assert told({}) == "none"

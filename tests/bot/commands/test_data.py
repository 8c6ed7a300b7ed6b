from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import data
from bot.problems import WrongUse

TASK = {
    "task_id": "MBPP/900",
    "source": "mbxp",
    "language": "python",
    "prompt": 'def twice(x):\n    """Doubles x."""\n',
    "description": "Doubles x.",
    "entry_point": "twice",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n",
    "solution": "    return 2 * x\n",
    "license": "CC-BY-4.0",
}
CANDIDATE = {
    "task_id": "MBPP/900",
    "language": "python",
    "generator": "a-model",
    "temperature": 0.5,
    "style": "plain",
}


def app() -> typer.Typer:
    built = typer.Typer()
    built.command("other")(lambda: None)
    data.register(built)
    return built


@pytest.fixture
def inputs(tmp_path: Path) -> tuple[Path, Path]:
    tasks, candidates = tmp_path / "tasks.jsonl", tmp_path / "candidates.jsonl"
    tasks.write_text(json.dumps(TASK) + "\n")
    bodies = ("    return x + x\n", "    return x\n")
    candidates.write_text("".join(json.dumps({**CANDIDATE, "body": b}) + "\n" for b in bodies))
    return tasks, candidates


@pytest.mark.sandbox
def test_candidates_are_labelled_and_become_rows(inputs: tuple[Path, Path], tmp_path: Path) -> None:
    tasks, candidates = map(str, inputs)
    labels, out = str(tmp_path / "labels.jsonl.gz"), tmp_path / "rows"
    runner = CliRunner()
    labelled = runner.invoke(app(), ["data", "label", tasks, candidates, labels])
    assert labelled.exit_code == 0, labelled.output
    assert "2 candidates labelled" in labelled.output
    assert "labels: 1 1, 0 1" in labelled.output
    written = runner.invoke(app(), ["data", "rows", tasks, candidates, labels, str(out)])
    assert written.exit_code == 0, written.output
    assert "2 rows, 1 of them right" in written.output
    assert sorted(path.name for path in out.iterdir()) == [
        "test.jsonl.gz",
        "train.jsonl.gz",
        "validation.jsonl.gz",
    ]


def test_a_file_that_is_missing_is_wrong_use(inputs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"nowhere\.jsonl"):
        data.label(inputs[0], tmp_path / "nowhere.jsonl", tmp_path / "out.jsonl")


def test_a_language_that_cannot_be_run_here_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = {**TASK, "task_id": "MBRP/900", "language": "ruby"}
    row = {**CANDIDATE, "task_id": "MBRP/900", "language": "ruby", "body": "end"}
    tasks, candidates = tmp_path / "tasks.jsonl", tmp_path / "candidates.jsonl"
    tasks.write_text(json.dumps(task))
    candidates.write_text(json.dumps(row))
    data.label(tasks, candidates, tmp_path / "out.jsonl")
    assert "left out ruby: no labeller for this language" in capsys.readouterr().out

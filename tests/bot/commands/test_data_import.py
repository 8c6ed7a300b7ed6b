from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import data, data_import
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


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK) + "\n")
    return path


def test_the_command_says_what_it_took_and_what_it_left_out(tasks: Path) -> None:
    answers, out = tasks.with_name("answers.jsonl"), tasks.with_name("out.jsonl.gz")
    rows = [
        {"task_id": "Mbpp/900", "text": "```python\ndef twice(x):\n    return x + x\n```"},
        {"task_id": "Mbpp/900", "text": "I cannot."},
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    app = typer.Typer()
    app.command("other")(lambda: None)
    data.register(app)
    given = [str(answers), str(tasks), str(out), "--generator", "a-model", "--field", "text"]
    done = CliRunner().invoke(app, ["data", "import", *given])
    assert done.exit_code == 0, done.output
    assert "1 candidates for 1 tasks" in done.output
    assert "left out: does not parse 1" in done.output


def test_a_file_that_is_missing_is_wrong_use(tasks: Path) -> None:
    with pytest.raises(WrongUse, match=r"nowhere\.jsonl"):
        data_import.import_answers(
            tasks.with_name("nowhere.jsonl"), tasks, tasks.with_name("out.jsonl"), "a-model"
        )

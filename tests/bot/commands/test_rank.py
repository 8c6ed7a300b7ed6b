"""`gavel rank` with what it runs: examples, filters, tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands import rank
from bot.problems import WrongUse
from tests.fakes import FixedJudge

Run = Callable[..., Result]
PROMPT = 'def twice(x):\n    """Double x.\n\n    >>> twice(2)\n    4\n    """'
CODES = {
    "right": "def twice(x):\n    return x + x\n",
    "lucky": "def twice(x):\n    return 4\n",
    "wrong": "def twice(x):\n    return x + 1\n",
    "unnamed": "def twice(x):\n    return double(x)\n",
    "broken": "def twice(x:\n    return x\n",
}
TASK = {
    "task_id": "t",
    "source": "own",
    "language": "python",
    "prompt": PROMPT,
    "description": "Double x.",
    "entry_point": "twice",
    "test": "def check(candidate):\n    assert candidate(3) == 6\n",
    "license": "MIT",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    rows = [
        {"task_id": "t", "id": name, "language": "python", "prompt": PROMPT, "code": code}
        for name, code in reversed(CODES.items())
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "tests.jsonl").write_text(json.dumps(TASK) + "\n")
    judge = FixedJudge(by_text={"return 4": 0.8, "x + x": 0.3, "x + 1": 0.9, "double": 0.7})

    def run(*arguments: object) -> Result:
        app = typer.Typer()
        rank.register(app, judge_of=lambda *_: judge)
        asked = [tmp_path / "in.jsonl", tmp_path / "out.jsonl", *arguments]
        return CliRunner().invoke(app, [str(one) for one in asked])

    return run


def ranked(folder: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    return sorted(rows, key=lambda row: row["rank"])


@pytest.mark.sandbox
def test_candidates_that_fail_the_examples_rank_behind(run: Run, tmp_path: Path) -> None:
    assert run("--execute", "examples").exit_code == 0
    found = ranked(tmp_path)
    assert {row["id"] for row in found[:2]} == {"right", "lucky"}
    assert [row["examples_passed"] for row in found] == [1, 1, 0, 0, 0]
    assert all("p_correct" in row for row in found)


@pytest.mark.sandbox
def test_stages_judge_what_the_filters_leave_and_test_the_best(run: Run, tmp_path: Path) -> None:
    done = run("--stages", "--tests", tmp_path / "tests.jsonl", "--best", 2)
    assert done.exit_code == 0, done.output
    found = ranked(tmp_path)
    assert [(row["id"], row["stage"]) for row in found] == [
        ("right", "passed"),
        ("lucky", "tests"),
        ("wrong", "examples"),
        ("unnamed", "names"),
        ("broken", "parse"),
    ]
    assert ["p_correct" in row for row in found] == [True, True, False, False, False]


def test_a_target_that_cannot_be_written_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"code": "x"}\n')

    def never(*_: str) -> FixedJudge:
        raise AssertionError("the judge was opened")

    app = typer.Typer()
    rank.register(app, judge_of=never)
    for target in (tmp_path, tmp_path / "none" / "out.jsonl"):
        result = CliRunner().invoke(app, [str(tmp_path / "in.jsonl"), str(target)])
        assert isinstance(result.exception, WrongUse), result.exception
        assert f"cannot write {target}" in str(result.exception)
    assert [one.name for one in tmp_path.iterdir()] == ["in.jsonl"]


def test_options_that_need_each_other_say_so(run: Run, tmp_path: Path) -> None:
    for arguments, word in (
        (["--execute", "tests"], "expected examples"),
        (["--tests", tmp_path / "tests.jsonl"], "--stages"),
        (["--stages", "--use-scores"], "--use-scores"),
    ):
        done = run(*arguments)
        assert isinstance(done.exception, WrongUse)
        assert word in str(done.exception)

"""A study as a person starts it: killed while it runs, and by its page with the real model."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bare import walk_of

RANKINGS = """
[[data]]
name = "toy"
file = "rows.jsonl"
[[systems]]
kind = "ranking"
name = "agreement"
"""
REDUCED = """
[[data]]
name = "toy"
file = "rows.jsonl"
[[systems]]
kind = "ranking"
name = "random"
[[systems]]
kind = "judge"
model = "qwen2.5-coder-0.5b-instruct"
methods = ["head", "rank", "yesno"]
[[systems]]
kind = "trained"
name = "own"
model = "qwen2.5-coder-0.5b-instruct"
train = ["train.jsonl"]
[[systems]]
kind = "judge"
model = "gemma-3-4b-it"
methods = ["yesno"]
"""
LONGEST_S = 120


def row(task: str, number: int, *, right: bool) -> dict[str, object]:
    sign = "+" if right else "-"
    return {
        "id": f"{task}-{number}",
        "task_id": task,
        "source": "own",
        "language": "python",
        "prompt": "Add the two numbers.",
        "code": f"def add(a, b):\n    n = {number}\n    return a {sign} b\n",
        "label": int(right),
        "generator": "",
        "label_from": "tests",
        "license": "MIT",
        "outcome": "passed" if right else "assertion",
    }


def written(file: Path, rows: Sequence[dict[str, object]]) -> None:
    file.write_text("".join(json.dumps(one) + "\n" for one in rows))


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from bot.cli import main; main()", "study", *map(str, arguments)]


def whole(file: Path) -> list[str]:
    lines = file.read_text().splitlines(keepends=True) if file.is_file() else []
    return [line for line in lines if line.endswith("\n")]


def killed_after(lines: int, file: Path, *arguments: object) -> list[str]:
    """What `file` holds of a run that is killed once it has so many lines more."""
    wanted = len(whole(file)) + lines
    running = subprocess.Popen(command(*arguments), stderr=subprocess.DEVNULL)
    until = time.monotonic() + LONGEST_S
    while len(whole(file)) < wanted:
        assert running.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    return whole(file)


def test_the_example_configuration_is_understood() -> None:
    from judge.study.config import parse
    from judge.study.experiments_config import experiments_of

    text = (Path(__file__).parents[2] / "bench" / "study.toml").read_text("utf-8")
    assert len(parse(text).systems) > 10
    assert len(experiments_of(text)) > 5


@pytest.mark.journey
def test_a_study_that_is_killed_loses_no_more_than_the_task_in_flight(tmp_path: Path) -> None:
    tasks, each = 2500, 3
    written(
        tmp_path / "rows.jsonl",
        [
            row(f"t/{task}", number, right=not number)
            for task in range(tasks)
            for number in range(each)
        ],
    )
    config, out = tmp_path / "study.toml", tmp_path / "out"
    config.write_text(RANKINGS)
    file = out / "toy" / "agreement.jsonl"
    for _ in range(2):
        before = whole(file)
        after = killed_after(60, file, "run", config, "--out", out)
        assert after[: len(before)] == before
    done = subprocess.run(command("run", config, "--out", out), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = whole(file)
    assert lines[: len(after)] == after
    ids = [json.loads(line)["id"] for line in lines[1:]]
    assert len(set(ids)) == tasks * each
    assert len(ids) - len(set(ids)) <= 2 * each  # a task that was cut is answered again


@pytest.mark.model
def test_the_reduced_study_measures_the_real_judge_and_says_what_it_could_not(
    tmp_path: Path,
) -> None:
    from worker.settings import WorkerSettings

    held_out = [
        row(f"h/{task}", number, right=number % 2 == 0) for task in range(2) for number in range(3)
    ]
    learnt = [
        row(f"t/{task}", number, right=number % 2 == 0) for task in range(3) for number in range(4)
    ]
    (tmp_path / "bench").mkdir()
    written(tmp_path / "bench" / "rows.jsonl", held_out)
    written(tmp_path / "bench" / "train.jsonl", learnt)
    (tmp_path / "bench" / "study.toml").write_text(REDUCED)
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(WorkerSettings().home.expanduser() / "models")
    where = {**os.environ, "GAVEL_HOME": str(home)}
    (block,) = walk_of("docs/study.md", "study")
    for program, group, *arguments in map(shlex.split, block.body.splitlines()):
        assert (program, group) == ("gavel", "study")
        done = subprocess.run(
            command(*arguments), cwd=tmp_path, capture_output=True, env=where, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    out = tmp_path / "build" / "study"
    page = (out / "study.md").read_text()
    measured = {line.split(" ")[1] for line in page.splitlines() if ", 2 tasks |" in line}
    model = "qwen2.5-coder-0.5b-instruct"
    expected = {"random", "own-plain", "own-rankef"}
    expected |= {f"{model}-{method}" for method in ("head", "rank", "yesno")}
    assert expected <= measured
    assert "| gemma-3-4b-it-yesno | not measured here |" in page
    answers = {name: whole(out / "toy" / f"{name}.jsonl")[1:] for name in expected}
    assert {len(told) for told in answers.values()} == {6}
    costs = {
        name: [json.loads(line)["cpu_seconds"] for line in told] for name, told in answers.items()
    }
    assert costs[f"{model}-head"] == costs[f"{model}-yesno"] == costs[f"{model}-rank"]

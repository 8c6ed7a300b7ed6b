"""Odd inputs of `gavel data …`: each ends with one sentence that names the thing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import data
from bot.problems import Code, known

TASK = {
    "task_id": "MBPP/900",
    "source": "mbxp",
    "language": "python",
    "prompt": "def twice(x):\n",
    "description": "Doubles x.",
    "entry_point": "twice",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n",
    "solution": "    return 2 * x\n",
    "license": "CC-BY-4.0",
}
CANDIDATE = {"task_id": "MBPP/900", "language": "python", "generator": "m", "style": "plain"}
LABEL = {"task_id": "MBPP/900", "index": 0, "label": 1}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("tasks.jsonl").write_text(json.dumps(TASK) + "\n")
    Path("candidates.jsonl").write_text(json.dumps({**CANDIDATE, "body": "    return 1\n"}))
    Path("labels.jsonl").write_text(json.dumps(LABEL))
    Path("empty").mkdir()
    return tmp_path


def refused(*arguments: str) -> str:
    """The sentence with which `gavel data ARGUMENTS` ends, by code 2."""
    app = typer.Typer()
    app.command("other")(lambda: None)
    data.register(app)
    result = CliRunner().invoke(app, ["data", *arguments])
    assert isinstance(result.exception, Exception), result.output
    problem = known(result.exception)
    assert problem is not None, repr(result.exception)
    assert problem.code is Code.WRONG_USE
    return problem.sentence


def test_a_file_that_is_not_there_is_named_without_a_number(folder: Path) -> None:
    said = refused("label", "none.jsonl", "candidates.jsonl", "out.jsonl")
    assert said == "none.jsonl: no such file or directory"
    assert refused("check", "empty") == "empty: is a directory"


@pytest.mark.parametrize("out", ["none/out.jsonl", "empty", "candidates.jsonl"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(folder: Path, out: str) -> None:
    before = Path("candidates.jsonl").read_bytes()
    for arguments in (
        ("label", "tasks.jsonl", "candidates.jsonl", out),
        ("import", "candidates.jsonl", "tasks.jsonl", out, "--generator", "m"),
        ("mutate", "candidates.jsonl", out),
    ):
        assert out.split("/")[0] in refused(*arguments)
    assert Path("candidates.jsonl").read_bytes() == before
    assert sorted(one.name for one in Path().iterdir()) == [
        "candidates.jsonl",
        "empty",
        "labels.jsonl",
        "tasks.jsonl",
    ]


def test_a_folder_without_tasks_is_named(folder: Path) -> None:
    assert "empty holds no file of tasks" in refused("label", "empty", "candidates.jsonl", "out")


CUT = gzip.compress(b"{}\n" * 999)[:-9]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"task_id": "MBPP/900"}\n{"a": \n', "candidates.jsonl:1: MBPP/900: language: "),
        (b"{}\n", "candidates.jsonl:1: a row: task_id: expected a string, got none"),
        (b"\xff\xfe", "candidates.jsonl:1: not UTF-8 at byte 1"),
        (b"[" * 99_999, "candidates.jsonl:1: nested too deeply"),
        (CUT, "candidates.jsonl: its gzip data is damaged or cut short"),
    ],
)
def test_what_is_no_candidate_is_named_with_its_line(
    folder: Path, content: bytes, said: str
) -> None:
    Path("candidates.jsonl").write_bytes(content)
    if content is CUT:
        assert refused("check", "candidates.jsonl").startswith(said)
    else:
        assert refused("label", "tasks.jsonl", "candidates.jsonl", "out").startswith(said)


WRONG_LABELS: Sequence[tuple[str, Callable[[], object]]] = [
    ("index: expected", lambda: {**LABEL, "index": 7}),
    ("index: expected", lambda: {**LABEL, "index": -1}),
    ("index: expected", lambda: {**LABEL, "index": "0"}),
    ("label: expected", lambda: {**LABEL, "label": "yes"}),
    ("label: expected", lambda: {"task_id": "MBPP/900", "index": 0}),
    ("of other candidates", lambda: {**LABEL, "task_id": "MBPP/1"}),
]


@pytest.mark.parametrize(("said", "row"), WRONG_LABELS)
def test_labels_that_are_of_no_candidate_are_refused(
    folder: Path, said: str, row: Callable[[], object]
) -> None:
    Path("labels.jsonl").write_text(json.dumps(row()))
    told = refused("rows", "tasks.jsonl", "candidates.jsonl", "labels.jsonl", "rows")
    assert told.startswith("row 1 of the labels")
    assert said in told


def test_candidates_of_a_task_that_is_not_given_are_no_rows(folder: Path) -> None:
    Path("tasks.jsonl").write_text(json.dumps({**TASK, "task_id": "MBPP/1"}))
    told = refused("rows", "tasks.jsonl", "candidates.jsonl", "labels.jsonl", "rows")
    assert told == "MBPP/900 is no known task: give the file of its tasks"

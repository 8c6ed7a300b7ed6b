from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from judge.train.tasks import BadRow, number_of, read_candidates, read_rows, read_tasks

TASK = {
    "task_id": "MBPP/2",
    "source": "mbxp",
    "language": "python",
    "prompt": "def f(x):\n",
    "description": "Do it.",
    "entry_point": "f",
    "test": "def check(f): pass",
    "solution": None,
    "license": "CC-BY-4.0",
}


def test_the_same_task_has_one_name_in_every_language() -> None:
    assert number_of("MBJSP/17") == number_of("mbpp_17_square") == "mbpp/17"
    assert number_of("Other/17") == "other/17"


def test_tasks_are_read_from_a_file_and_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(TASK) + "\n\n")
    other = json.dumps({**TASK, "task_id": "MBJP/2", "solution": "}"})
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(other.encode()))
    assert list(read_tasks(tmp_path)) == ["MBPP/2", "MBJP/2"]
    assert read_tasks(tmp_path / "b.jsonl.gz")["MBJP/2"].solution == "}"


def test_a_row_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({**TASK, "test": 5}))
    with pytest.raises(BadRow, match=r"a\.jsonl: MBPP/2: test: expected a string, got int"):
        read_tasks(tmp_path)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n[1]\n')
    with pytest.raises(BadRow, match=r"a\.jsonl:2"):
        list(read_rows(path))


def test_candidates_keep_their_place_in_the_file(tmp_path: Path) -> None:
    row = {"task_id": "MBPP/2", "language": "python", "generator": "m", "style": "plain"}
    rows = [{**row, "temperature": 0.5, "body": body} for body in ("a", "b")]
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [(c.index, c.body) for c in read_candidates(path)] == [(0, "a"), (1, "b")]

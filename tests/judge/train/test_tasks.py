from __future__ import annotations

import gzip
import json
import re
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
    with pytest.raises(BadRow, match=r"a\.jsonl:1: MBPP/2: test: expected a string, got int"):
        read_tasks(tmp_path)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n[1]\n')
    with pytest.raises(BadRow, match=r"a\.jsonl:2"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1}\n{"a": "\xff"}\n', "a.jsonl:2: not UTF-8 at byte 8"),
        (b"[" * 100_000, "a.jsonl:1: nested too deeply"),
        (gzip.compress(b'{"a": 1}\n' * 999)[:-9], "a.jsonl: its gzip data is damaged"),
        (b"\x1f\x8bnothing", "a.jsonl: its gzip data is damaged"),
        (b"\x7fELF\0\1", "a.jsonl:1: not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(data)
    with pytest.raises(BadRow, match=re.escape(said)):
        list(read_rows(tmp_path / "a.jsonl"))


def test_compressed_rows_are_told_by_their_content_and_a_mark_of_bytes_is_passed_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b'\xef\xbb\xbf{"a": "\xc3\xb6"}\n'))
    assert list(read_rows(tmp_path / "a")) == [{"a": "ö"}]


def test_a_folder_of_tasks_may_hold_other_files_and_must_hold_tasks(tmp_path: Path) -> None:
    with pytest.raises(BadRow, match="holds no file of tasks"):
        read_tasks(tmp_path)
    (tmp_path / "a.jsonl").write_text(json.dumps(TASK))
    (tmp_path / "a.jsonl.manifest.json").write_text("{\n}")
    assert list(read_tasks(tmp_path)) == ["MBPP/2"]


def test_two_tasks_do_not_share_an_id(tmp_path: Path) -> None:
    lines = [json.dumps({**TASK, "test": test}) for test in ("a", "a", "b")]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    with pytest.raises(BadRow, match=r"a\.jsonl:3: MBPP/2: another task has this id"):
        read_tasks(tmp_path)


def test_candidates_keep_their_place_in_the_file(tmp_path: Path) -> None:
    row = {"task_id": "MBPP/2", "language": "python", "generator": "m", "style": "plain"}
    rows = [{**row, "temperature": 0.5, "body": body} for body in ("a", "b")]
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [(c.index, c.body) for c in read_candidates(path)] == [(0, "a"), (1, "b")]

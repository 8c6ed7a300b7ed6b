from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from judge.train.feedback import MOST, own, read_feedback, weights
from judge.train.head import fair_weights, regression
from judge.train.tasks import BadRow

ROW = {
    "id": "github:octo/hello:ab",
    "task_id": "github:octo/hello:a.py:add",
    "source": "github:octo/hello#7",
    "language": "python",
    "prompt": "",
    "code": "def add(a, b):\n    return a - b\n",
    "label": 0,
    "generator": "",
    "label_from": "feedback",
    "license": "",
    "weight": 0.7,
    "signals": 1,
}


def file(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text("".join(json.dumps({**ROW, **row}) + "\n" for row in rows))
    return path


def test_each_row_carries_its_weight_times_the_factor(tmp_path: Path) -> None:
    path = file(tmp_path, {}, {"id": "b", "weight": 9})
    assert [own(row.generator) for row in read_feedback(path, factor=0.5)] == [
        ("feedback", 0.35),
        ("feedback", MOST / 2),
    ]


@pytest.mark.parametrize(
    "wrong", [{"weight": 0}, {"weight": "1"}, {"weight": True}, {"label_from": "tests"}]
)
def test_rows_that_are_no_feedback_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BadRow, match=r"feedback\.jsonl: github:octo/hello:ab: "):
        read_feedback(file(tmp_path, wrong))


def test_other_rows_count_as_before() -> None:
    labels = np.array([1, 0, 0, 1])
    writers = ["a", "a", "b", ""]
    assert weights(writers, labels).tolist() == fair_weights(writers, labels).tolist()


def test_feedback_is_one_writer_whose_rows_count_by_their_weights() -> None:
    labels = np.array([1, 0, 1, 0])
    found = weights(["a", "a", "feedback:0.500", "feedback:2.000"], labels)
    assert found.tolist() == [1.0, 1.0, 0.5, 2.0]


def test_what_people_said_moves_the_head_by_as_much_as_it_weighs() -> None:
    rows = np.array([[0.0], [1.0], [0.2], [0.8], [0.9]])
    labels = np.array([0, 1, 0, 1, 0])  # the last one is what a person says

    def at(weight: float) -> float:
        writers = [*("a",) * 4, f"feedback:{weight:.3f}"]
        return float(regression(rows, labels, 1.0, weights(writers, labels)).logits(rows)[4])

    assert at(0.001) > at(0.7) > at(2.0)

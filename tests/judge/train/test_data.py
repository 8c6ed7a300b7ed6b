from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from judge.train.data import DataRow, Style, build_rows, prompt_of, read_data, write_data
from judge.train.forbidden import ForbiddenRow
from judge.train.tasks import BadRow, Candidate, Task

TASK = Task(
    task_id="MBPP/900",
    source="mbxp",
    language="python",
    prompt='def twice(x):\n  """\n  Doubles x.\n  >>> twice(2)\n  4\n  """\n',
    description="Doubles x.",
    entry_point="twice",
    test="",
    solution=None,
    license="CC-BY-4.0",
)


def candidate(index: int, body: str) -> Candidate:
    return Candidate(index, "MBPP/900", "python", "a-model", 0.5, "plain", body)


CANDIDATES = [
    candidate(0, "    return 2 * x\n"),
    candidate(1, "    return x\n"),
    candidate(2, "    return   2*x\n"),
    candidate(3, "    return x + x\n"),
]
LABELS = [{"task_id": "MBPP/900", "index": i, "label": v} for i, v in enumerate([1, 0, 1, None])]


def test_rows_hold_whole_functions_without_repeats_and_unknown_labels() -> None:
    rows = list(build_rows({TASK.task_id: TASK}, CANDIDATES, LABELS))
    assert [(row.code, row.label) for row in rows] == [
        ("def twice(x):\n    return 2 * x", 1),
        ("def twice(x):\n    return x", 0),
    ]
    assert {row.label_from for row in rows} == {"tests"}


def test_code_that_differs_in_its_indentation_is_not_the_same() -> None:
    loop = "    for i in range(x):\n        x += i\n"
    inside, outside = loop + "        return x\n", loop + "    return x\n"
    labels = [{"task_id": "MBPP/900", "index": i, "label": i} for i in range(2)]
    two = [candidate(0, inside), candidate(1, outside)]
    assert len(list(build_rows({TASK.task_id: TASK}, two, labels))) == 2


def test_the_same_input_gives_the_same_rows() -> None:
    first = list(build_rows({TASK.task_id: TASK}, CANDIDATES, LABELS))
    assert first == list(build_rows({TASK.task_id: TASK}, CANDIDATES, LABELS))


def test_prompts_come_in_three_styles() -> None:
    many = [candidate(i, f"    return x + {i}\n") for i in range(60)]
    labels = [{"task_id": "MBPP/900", "index": i, "label": 0} for i in range(60)]
    rows = list(build_rows({TASK.task_id: TASK}, many, labels))
    assert {row.prompt for row in rows} == {prompt_of(TASK, style) for style in Style}


def test_only_one_style_shows_the_examples() -> None:
    assert ">>> twice(2)" in prompt_of(TASK, Style.EXAMPLES)
    assert prompt_of(TASK, Style.DOCSTRING) == 'def twice(x):\n    """Doubles x."""'
    assert prompt_of(TASK, Style.DESCRIPTION) == "Doubles x.\n\ndef twice(x):"


def test_labels_of_other_candidates_are_refused() -> None:
    with pytest.raises(BadRow, match="label them again"):
        list(build_rows({}, CANDIDATES, [{"task_id": "MBPP/1", "index": 0, "label": 1}]))


def test_rows_of_a_forbidden_benchmark_are_not_built() -> None:
    task = replace(TASK, source="humaneval")
    with pytest.raises(ForbiddenRow):
        list(build_rows({TASK.task_id: task}, CANDIDATES, LABELS))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_that_are_written_are_read_again(tmp_path: Path, name: str) -> None:
    rows = list(build_rows({TASK.task_id: TASK}, CANDIDATES, LABELS))
    assert write_data(tmp_path / name, rows) == 2
    assert list(read_data(tmp_path / name)) == rows


def test_reading_refuses_a_forbidden_row_and_a_label_that_is_none(tmp_path: Path) -> None:
    row = next(build_rows({TASK.task_id: TASK}, CANDIDATES, LABELS))
    path = tmp_path / "rows.jsonl"
    write_data(path, [replace(row, source="quixbugs")])
    with pytest.raises(ForbiddenRow):
        list(read_data(path))
    path.write_text('{"id": "x", "label": 2}')
    with pytest.raises(BadRow, match="label: expected 0 or 1, got 2"):
        list(read_data(path))


def test_a_row_checks_its_label() -> None:
    fields = {"id": "1", "task_id": "t", "source": "s", "language": "", "prompt": "", "code": ""}
    with pytest.raises(ValueError, match="expected 0 or 1"):
        DataRow(**fields, label=3, generator="", label_from="tests", license="")

"""The pages about data, training and measuring: their commands, on few rows, by the real model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from judge.train.manifest import write_jsonl
from judge.train.splits import Split
from tests.docs import few
from tests.docs.blocks import Walk, marked

pytestmark = [
    pytest.mark.model,
    pytest.mark.usefixtures("home"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for bash"),
]
ALL, ONE_OF_EACH = few.ANSWERS, few.ANSWERS[::2]


@pytest.mark.sandbox
def test_labels_become_rows_a_judge_in_use_and_a_report(walk: Walk, tmp_path: Path) -> None:
    few.write_tasks(tmp_path, {Split.TRAIN: 3, Split.VALIDATION: 5, Split.TEST: 2})
    (said,) = walk(*marked("docs/how-to/train.md", "train"))
    assert "40 candidates labelled" in said
    report = json.loads((tmp_path / "report.json").read_text())
    trained = json.loads((tmp_path / "my-judge" / "judge.json").read_text())
    assert report["n_rows"] == 8 and "python" in trained["languages"]
    assert (tmp_path / "report" / "reliability.png").is_file()


def test_histories_become_a_head_for_changes_and_its_figures(walk: Walk, tmp_path: Path) -> None:
    few.write_histories(tmp_path / "clones", {"train": 6, "validation": 2})
    (said,) = walk(*marked("docs/judge.md", "changes"))
    assert "train: 6 repositories" in said
    assert "AUC out of repository" in said
    assert (tmp_path / "my-judge" / "judge.json").is_file()


def test_pairs_of_a_bug_and_its_fix_are_measured(walk: Walk, tmp_path: Path) -> None:
    held = few.rows("python", few.numbers(Split.VALIDATION, 3), ALL)
    for name, rows in (("validation", held), ("mutants-validation", few.mutants(held))):
        write(tmp_path / "rows" / "python" / f"{name}.jsonl.gz", rows)
    fixes = [
        {**row, "kind": "fix", "task_id": f"own/{n}"}
        for n in range(3)
        for row in few.rows("python", [n], ONE_OF_EACH)
    ]
    write(tmp_path / "mined" / "validation.jsonl.gz", fixes)
    (said,) = walk(*marked("docs/judge.md", "pairs"))
    assert said.count("Pairs in which the right one is preferred") == 2


def test_the_figures_of_the_model_card_are_made_again(walk: Walk, tmp_path: Path) -> None:
    learnt, held = few.numbers(Split.TRAIN, 3), few.numbers(Split.VALIDATION, 5)
    folder = tmp_path / "rows"
    for language in few.HEADS:
        write(folder / language / "validation.jsonl.gz", few.rows(language, held[:1], ONE_OF_EACH))
    for language in ("python", "javascript"):
        rows = few.rows(language, learnt[:2], ONE_OF_EACH)
        write(folder / language / "train.jsonl.gz", rows)
        write(folder / language / "mutants-train.jsonl.gz", few.mutants(rows))
    tested = few.rows("python", few.numbers(Split.TEST, 2), ONE_OF_EACH)
    write(folder / "python" / "test.jsonl.gz", tested)
    write(tmp_path / "writers" / "train.jsonl.gz", few.rows("python", learnt[2:], ONE_OF_EACH))
    write(tmp_path / "writers" / "chatgpt.jsonl.gz", few.rows("python", held[1:], ONE_OF_EACH))
    (tmp_path / "changes.jsonl").write_text(few.changes(5))
    walk(*marked("docs/judge.md", "figures"))
    assert json.loads((tmp_path / "report.json").read_text())["n_rows"] == len(tested)
    assert (tmp_path / "my-judge" / "run" / "curve.png").is_file()


def write(file: Path, rows: list[few.Row]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(file, rows)

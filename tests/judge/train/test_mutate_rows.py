from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

import pytest

from judge.train.data import DataRow, read_data, write_data
from judge.train.done import OtherInputs
from judge.train.mutate_ngrams import ngram_auc
from judge.train.mutate_rows import Mutated, Wanted, mutate_file
from judge.train.outcomes import Outcome
from judge.train.tasks import Task
from judge.train.toolchains import Toolchains

TASK = Task(
    task_id="MBPP/900",
    source="mbxp",
    language="python",
    prompt='def top(a, b):\n    """The larger."""\n',
    description="The larger.",
    entry_point="top",
    test="def check(candidate):\n    assert candidate(1, 2) == 2\n",
    solution="    return max(a, b)\n",
    license="CC-BY-4.0",
)
CODE = "def top(a, b):\n    if a < b:\n        return b\n    return a"


class TestsThatDislikeMinus:
    """A labeller of our own: right unless there is a minus or an equals sign."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        assert not any(body.startswith("def ") for body in bodies)
        wrong = ["-" in body or "=" in body for body in bodies]
        return True, [Outcome("assertion" if one else "passed") for one in wrong]


def row(**changed: object) -> DataRow:
    told = {
        "id": "r1",
        "task_id": "MBPP/900",
        "source": "mbxp",
        "language": "python",
        "prompt": "The larger.",
        "code": CODE,
        "label": 1,
        "generator": "a-model",
        "label_from": "tests",
        "license": "CC-BY-4.0",
    }
    return DataRow(**{**told, **changed})  # type: ignore[arg-type]


def run(folder: Path, rows: Sequence[DataRow], *, per_row: int = 2, tasks: bool = True) -> Mutated:
    write_data(folder / "rows.jsonl", rows)
    (folder / "tasks.jsonl").write_text(json.dumps(asdict(TASK)) + "\n")
    return mutate_file(
        folder / "rows.jsonl",
        folder / "out.jsonl",
        wanted=Wanted(per_row=per_row),
        tasks=folder / "tasks.jsonl" if tasks else None,
        tools=Toolchains(),
        labellers={"python": lambda tools: TestsThatDislikeMinus()},
    )


def test_only_what_the_tests_call_wrong_is_written(tmp_path: Path) -> None:
    found = run(tmp_path, [row(), row(id="r2", label=0)], per_row=3)
    written = list(read_data(tmp_path / "out.jsonl"))
    assert found.originals == 1
    assert len(written) == found.rows <= 3
    assert all("-" in one.code or "=" in one.code for one in written)
    assert {(one.label, one.label_from, one.generator) for one in written} <= {
        (0, "mutation", "a-model")
    }
    assert found.fates["passed"] + found.fates["assertion"] == 4


def test_a_mutant_names_its_original_and_repeats_no_row(tmp_path: Path) -> None:
    run(tmp_path, [row()], tasks=False)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {line["original"] for line in lines} == {"r1"}
    codes = [line["code"] for line in lines]
    other = row(id="r2", label=0, code=codes[0])
    run(tmp_path, [row(), other], tasks=False)
    again = [json.loads(line)["code"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert codes[0] not in again


def test_without_tasks_variants_are_counted_as_unverified(tmp_path: Path) -> None:
    found = run(tmp_path, [row()], tasks=False)
    assert found.rows == 2
    assert set(found.fates) == {"unverified"}


def test_a_row_whose_code_is_not_of_its_task_gives_nothing(tmp_path: Path) -> None:
    found = run(tmp_path, [row(code="def other(a):\n    return a < 1")])
    assert found.rows == 0
    assert set(found.fates) == {"not of its task"}


def test_what_is_done_is_not_done_again_and_belongs_to_its_inputs(tmp_path: Path) -> None:
    run(tmp_path, [row()])
    first = (tmp_path / "out.jsonl").read_text()
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert manifest["rows"] == first.count("\n")
    assert manifest["seed"] == 0
    run(tmp_path, [row()])
    assert (tmp_path / "out.jsonl").read_text() == first
    (tmp_path / "out.jsonl.partial").write_text('{"sources": {"rows.jsonl": "other"}}\n')
    with pytest.raises(OtherInputs, match="delete it"):
        run(tmp_path, [row()])


def test_n_grams_see_a_mark_and_are_blind_without_one() -> None:
    originals = [
        row(id=f"r{n}", task_id=f"MBPP/{n}", code=f"a{n % 7} + b{n % 5}") for n in range(40)
    ]
    marked = [{"task_id": one.task_id, "code": one.code + " # odd"} for one in originals]
    same = [{"task_id": one.task_id, "code": one.code} for one in originals]
    assert ngram_auc(originals, marked) == 1.0
    assert ngram_auc(originals, same) == pytest.approx(0.5, abs=0.05)
    assert ngram_auc(originals[:1], marked[:1]) is None

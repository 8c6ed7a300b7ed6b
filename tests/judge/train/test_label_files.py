"""Files of candidates become files of labels, in order and wherever a run was cut off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from judge.train.label import LABELLERS, LabelError, label_file
from judge.train.outcomes import Outcome
from judge.train.tasks import Task
from judge.train.toolchains import Toolchains, find_toolchains

TOOLS = find_toolchains()
TWICE = Task(
    task_id="MBPP/900",
    source="mbxp",
    language="python",
    prompt='def twice(x):\n  """\n  Doubles x.\n  """\n',
    description="Doubles x.",
    entry_point="twice",
    test="def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(7) == 14\n",
    solution="  return 2 * x",
    license="CC-BY-4.0",
)


class LengthLabeller:
    """Passes bodies of an even length, and notes which tasks it saw."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def __enter__(self) -> LengthLabeller:
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.append("closed")

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        self._seen.append(task.task_id)
        if any("stop" in body for body in bodies):
            raise KeyboardInterrupt
        return None, [Outcome("assertion" if len(body) % 2 else "passed") for body in bodies]


def files(folder: Path, bodies: Sequence[tuple[str, str, str]]) -> tuple[Path, Path]:
    tasks, candidates = folder / "tasks.jsonl", folder / "candidates.jsonl"
    task = {name: getattr(TWICE, name) for name in Task.__dataclass_fields__}
    known = {task_id: language for task_id, language, _ in bodies}
    tasks.write_text(
        "".join(
            json.dumps({**task, "task_id": task_id, "language": language}) + "\n"
            for task_id, language in known.items()
        )
    )
    row = {"generator": "m", "temperature": 0.5, "style": "plain"}
    candidates.write_text(
        "".join(
            json.dumps({**row, "task_id": task_id, "language": language, "body": body}) + "\n"
            for task_id, language, body in bodies
        )
    )
    return tasks, candidates


BODIES = [
    ("MBPP/1", "python", "ab"),
    ("MBPP/2", "python", "abcd"),
    ("MBPP/1", "python", "abc"),
    ("MBPP/3", "python", "a"),
]


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_labels_come_in_the_order_of_the_candidates(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    labellers = {"python": lambda tools: LengthLabeller([])}
    done = label_file(*files(tmp_path, BODIES), out, tools=TOOLS, labellers=labellers, workers=2)
    assert [(row["index"], row["label"], row["dropped"]) for row in rows(out)] == [
        (0, 1, ""),
        (1, 1, ""),
        (2, 0, ""),
        (3, None, "no candidate passes"),
    ]
    assert done.labels == {"1": 2, "0": 1, "None": 1}
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert manifest["rows"] == 4
    assert set(manifest["sources"]) == {"tasks.jsonl", "candidates.jsonl"}
    assert not (tmp_path / "out.jsonl.partial").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    inputs, out = files(tmp_path, BODIES), tmp_path / "out.jsonl"
    first: list[str] = []
    second: list[str] = []

    class Stops(LengthLabeller):
        def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
            if task.task_id == "MBPP/2":
                raise KeyboardInterrupt
            return super().outcomes(task, bodies)

    with pytest.raises(KeyboardInterrupt):
        label_file(*inputs, out, tools=TOOLS, labellers={"python": lambda tools: Stops(first)})
    assert not out.exists()
    with (tmp_path / "out.jsonl.partial").open("a") as lines:
        lines.write('{"task_id": "MBPP/2", "ro')  # a kill in the middle of a line
    again = {"python": lambda tools: LengthLabeller(second)}
    label_file(*inputs, out, tools=TOOLS, labellers=again)
    assert "MBPP/1" in first
    assert "MBPP/1" not in second
    assert "MBPP/2" in second
    assert len(rows(out)) == len(BODIES)


def test_a_run_that_was_cut_off_in_its_first_line_starts_anew(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.partial").write_text('{"sources": {"tas')
    labellers = {"python": lambda tools: LengthLabeller([])}
    label_file(*files(tmp_path, BODIES), out, tools=TOOLS, labellers=labellers)
    assert len(rows(out)) == len(BODIES)


def test_tasks_and_candidates_may_be_files_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    tasks, candidates = files(tmp_path, BODIES)
    named = tasks.rename(tmp_path / "tasks" / "candidates.jsonl")
    labellers = {"python": lambda tools: LengthLabeller([])}
    label_file(named, candidates, tmp_path / "out.jsonl", tools=TOOLS, labellers=labellers)
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert len(manifest["sources"]) == 2


def test_what_was_begun_with_other_inputs_is_not_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.partial").write_text('{"sources": {}}\n')
    with pytest.raises(LabelError, match="delete it"):
        label_file(*files(tmp_path, BODIES), out, tools=TOOLS)


def test_a_language_without_its_toolchain_is_named_and_left_out(tmp_path: Path) -> None:
    bodies = [("MBJP/1", "java", "ab"), ("MBRP/1", "ruby", "ab"), ("MBPP/1", "python", "ab")]
    out = tmp_path / "out.jsonl"
    labellers = {"python": lambda tools: LengthLabeller([])}
    done = label_file(*files(tmp_path, bodies), out, tools=Toolchains(), labellers=labellers)
    assert [row["task_id"] for row in rows(out)] == ["MBPP/1"]
    assert "apt install openjdk" in done.skipped_languages["java"]
    assert "no labeller" in done.skipped_languages["ruby"]


def test_candidates_of_unknown_tasks_are_refused(tmp_path: Path) -> None:
    tasks, candidates = files(tmp_path, BODIES)
    tasks.write_text(tasks.read_text().splitlines()[0] + "\n")
    with pytest.raises(LabelError, match=r"2 tasks of candidates\.jsonl are not in"):
        label_file(tasks, candidates, tmp_path / "out.jsonl", tools=TOOLS)


def test_every_language_with_a_labeller_says_what_it_needs() -> None:
    assert all("no labeller" not in Toolchains().missing(language) for language in LABELLERS)

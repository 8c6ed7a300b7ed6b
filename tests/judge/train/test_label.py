from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from judge.train.label import LABELLERS, LabelError, label_file
from judge.train.label_cpp import CppLabeller
from judge.train.label_java import JavaLabeller
from judge.train.label_javascript import JavaScriptLabeller
from judge.train.label_python import PythonLabeller
from judge.train.outcomes import Outcome
from judge.train.tasks import Task
from judge.train.toolchains import Toolchains, find_toolchains

TOOLS = find_toolchains()


def needs(*names: str) -> pytest.MarkDecorator:
    lacking = [name for name in names if name not in TOOLS.paths]
    return pytest.mark.skipif(bool(lacking), reason=f"this machine has no {', '.join(lacking)}")


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


def names(found: Sequence[Outcome]) -> list[str]:
    return [outcome.name for outcome in found]


@pytest.mark.sandbox
def test_python_candidates_are_tested_and_compared_with_the_reference() -> None:
    bodies = [
        "    return x + x\n",
        "    return 4 if x == 2 else 14\n",
        "    return x\n",
        "    return x +\n",
    ]
    with PythonLabeller() as labeller:
        passes, found = labeller.outcomes(TWICE, bodies)
    assert passes is True
    assert names(found) == ["passed", "passed", "assertion", "compile"]
    assert found[0].agree == 1.0
    assert found[1].agree is not None
    assert found[1].agree < 0.2


@pytest.mark.sandbox
def test_a_python_candidate_that_depends_on_the_hash_seed_is_unstable() -> None:
    body = "    return 2 * x if hash('a string') >> {} & 1 else 0\n"
    with PythonLabeller() as labeller:
        _, found = labeller.outcomes(TWICE, [body.format(bit) for bit in range(16)])
    assert set(names(found)) == {"assertion", "passed", "unstable"}


@pytest.mark.sandbox
def test_a_reference_that_fails_its_tests_is_noticed() -> None:
    with PythonLabeller() as labeller:
        passes, _ = labeller.outcomes(replace(TWICE, solution="  return 0"), [])
    assert passes is False


JAVA = replace(
    TWICE,
    language="java",
    prompt="class Twice {\n    public static int twice(int x) {\n",
    test=(
        "\nclass Main {\n    public static void main(String[] args) throws Exception {\n"
        "        if (Twice.twice(2) != 4) {\n"
        '            throw new java.lang.Exception("Exception -- test case 0 did not pass.");\n'
        "        }\n    }\n}\n"
    ),
    solution=None,
)
CPP = replace(
    TWICE,
    language="cpp",
    prompt="#include <bits/stdc++.h>\nusing namespace std;\n\nint twice(int x) {\n",
    test=(
        "\nint main(int argc, char* argv[]) {\n    if (!(twice(2) == 4)) {\n"
        '        throw runtime_error("Exception -- test case 0 did not pass.");\n'
        "    }\n    return 0;\n}\n"
    ),
    solution=None,
)
JAVASCRIPT = replace(
    TWICE,
    language="javascript",
    prompt="function twice(x) {\n",
    test=(
        '\nconst _ = require("lodash")\nvar x0 = twice(2);\nif (!_.isEqual(x0, 4)) {\n'
        "    throw 'Error at 1th assert statement. Value = ' + JSON.stringify(x)\n}\n"
    ),
    solution=None,
)


@pytest.mark.sandbox
@needs("java", "javac")
def test_java_candidates_get_the_outcome_that_they_earn() -> None:
    bodies = [
        "        return 2 * x;\n    }\n    public static void main(String[] a) { }\n}\n",
        "        return x;\n    }\n}\n",
        "        return y;\n    }\n}\n",
        "        return new int[0][x];\n    }\n}\n",
        "        return new int[0].length / (x - 2);\n    }\n}\n",
        "        System.exit(0);\n        return 0;\n    }\n}\n",
        "        while (true) { }\n    }\n}\n",
    ]
    with JavaLabeller(TOOLS.paths["java"], TOOLS.paths["javac"]) as labeller:
        _, found = labeller.outcomes(JAVA, bodies)
    assert names(found) == [
        "passed",
        "assertion",
        "compile",
        "compile",
        "exception:ArithmeticException",
        "exception:Exit",
        "timeout",
    ]


@pytest.mark.sandbox
@needs("g++")
def test_cpp_candidates_get_the_outcome_that_they_earn() -> None:
    bodies = [
        "    return 2 * x;\n}\nint main() { return 0; }\n",
        "    return x;\n}\n",
        "    return y;\n}\n",
        "    return vector<int>{}.at(x);\n}\n",
        "    exit(0);\n}\n",
        "    volatile int* p = nullptr;\n    return *p;\n}\n",
        "    return (;\n}\n",
        "    for (volatile int i = 0;; i = i + 1) { }\n}\n",
    ]
    with CppLabeller(TOOLS.paths["g++"]) as labeller:
        _, found = labeller.outcomes(CPP, bodies)
    assert names(found) == [
        "passed",
        "assertion",
        "compile",
        "exception:out_of_range",
        "exception:Exit",
        "exception:Signal11",
        "compile",
        "timeout",
    ]


@pytest.mark.sandbox
@needs("node")
def test_javascript_candidates_get_the_outcome_that_they_earn(tmp_path: Path) -> None:
    lodash = tmp_path / "lodash.js"
    lodash.write_text("exports.isEqual = (a, b) => a === b;")
    password = "require('fs').writeSync(1, require('fs').readFileSync(0, 'utf8') + 'passed')"
    bodies = [
        "  return 2 * x;\n}\nconsole.log(twice(3));\n",
        "  return x;\n}\n",
        "  return (;\n}\n",
        "  return y.length;\n}\n",
        "  process.exit(0);\n}\n",
        f"  {password};\n  process.exit(0);\n}}\n",
        "  require('lodash').isEqual = () => false;\n  return 4;\n}\n",
        "  for (;;) { }\n}\n",
    ]
    with JavaScriptLabeller(TOOLS.paths["node"], lodash) as labeller:
        _, found = labeller.outcomes(JAVASCRIPT, bodies)
    assert names(found) == [
        "passed",
        "assertion",
        "compile",
        "exception:ReferenceError",
        "exception:Exit",
        "exception:Exit",
        "assertion",
        "timeout",
    ]


# --- files ----------------------------------------------------------------------------------------


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

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from judge.train.forbidden import ForbiddenRow
from judge.train.imports import Unusable, answers_of, body_of_answer, task_of
from judge.train.imports_file import Imported, Origin, import_file
from judge.train.programs import code_of, python_program
from judge.train.tasks import Task, read_candidates

TASK = Task(
    task_id="MBPP/900",
    source="mbxp",
    language="python",
    prompt='import math\n\ndef twice(x):\n    """Doubles the number x."""\n',
    description="Doubles the number x.",
    entry_point="twice",
    test="def check(candidate):\n    assert candidate(2) == 4\n",
    solution="    return 2 * x\n",
    license="CC-BY-4.0",
)
ANSWER = '''Sure! Here it is:
```python
import math
import re
from functools import cache

TWO = 2

def unused():
    return re.escape("")

@cache
def times(n):
    return lambda x: n * math.floor(x)

def twice(x: List[int]) -> int:
    """Doubles the number x."""

    return times(TWO)(x)

assert twice(2) == 4
print(twice(3))
```
I hope that helps.
'''
TAKEN = """import math
from functools import cache
from typing import List

TWO = 2

@cache
def times(n):
    return lambda x: n * math.floor(x)

def twice(x: List[int]) -> int:
    return times(TWO)(x)
"""


def test_the_function_is_taken_out_of_an_answer_with_what_it_uses() -> None:
    assert body_of_answer(ANSWER, TASK) == TAKEN


def test_a_whole_function_takes_the_place_of_the_prompts() -> None:
    assert python_program(TASK.prompt, TAKEN) == "import math\n\n" + TAKEN
    assert code_of(TASK.prompt, TAKEN, "python") == TAKEN.strip()


def test_a_docstring_in_the_writers_own_words_stays() -> None:
    own = 'def twice(x):\n    """Return x added to itself, for any sum."""\n    return x + x\n'
    assert body_of_answer(own, TASK) == own


def test_a_body_that_goes_on_from_the_prompt_stays_one() -> None:
    assert body_of_answer("    return x + x\n\n", TASK) == "    return x + x\n"


def test_lines_after_the_code_are_cut_until_it_parses() -> None:
    told = "def twice(x):\n    return x + x\n\nThis doubles x. Isn't it nice?"
    assert body_of_answer(told, TASK) == "def twice(x):\n    return x + x\n"


def test_an_answer_indented_as_a_whole_is_moved_to_the_margin() -> None:
    assert body_of_answer("  def twice(x):\n      return x\n", TASK) == (
        "def twice(x):\n    return x\n"
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("def other(x):\n    return x\n", "lacks the function"),
        ("def twice(x:\n    return x\n", "does not parse"),
    ],
)
def test_what_cannot_be_used_says_why(answer: str, why: str) -> None:
    assert body_of_answer(answer, TASK) == Unusable(why)


def test_in_other_languages_the_text_after_the_signature_is_the_body() -> None:
    task = replace(TASK, language="javascript", prompt="// Doubles.\nfunction twice(x) {\n")
    whole = "```js\nfunction twice(x) {\n  return 2 * x;\n}\n```"
    assert body_of_answer(whole, task) == "  return 2 * x;\n}"
    assert body_of_answer("  return x;\n}", task) == "  return x;\n}"
    assert body_of_answer("const twice = (x) => x;", task) == Unusable("another signature")


@pytest.mark.parametrize("name", [900, "Mbpp/900", "mbpp_900_twice", "MBJP/900"])
def test_a_task_is_known_by_its_number(name: object) -> None:
    assert task_of({"task_id": name}, {("mbpp/900", "python"): TASK}, "python") is TASK


def test_answers_are_found_under_the_usual_names_or_the_one_given() -> None:
    assert answers_of({"solution": "a", "code": "b"}, None) == ["a"]
    assert answers_of({"solution": "a", "code": ["b", "c", 1]}, "code") == ["b", "c"]
    assert answers_of({"code": "the reference"}, None) == []


def imported(folder: Path, *rows: dict[str, object]) -> tuple[Path, Imported]:
    tasks, answers, out = (folder / name for name in ("tasks.jsonl", "a.jsonl", "out.jsonl"))
    tasks.write_text(json.dumps(asdict(TASK)) + "\n")
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return out, import_file(answers, tasks, out, origin=Origin("a-model", temperature=0.2))


def test_a_file_of_answers_becomes_candidates(tmp_path: Path) -> None:
    out, found = imported(
        tmp_path,
        {"task_id": 900, "completion": ["    return x+x\n", "    return x + x\n"]},
        {"task_id": 900, "model": "b", "temperature": 1, "solution": "def twice(x): return x"},
        {"task_id": 900, "solution": "no idea, sorry"},
        {"task_id": 901, "solution": "def other(x): return x"},
        {"task_id": 900},
    )
    first, second = read_candidates(out)
    assert (first.generator, first.temperature, first.body) == ("a-model", 0.2, "    return x+x\n")
    assert (second.generator, second.temperature) == ("b", 1.0)
    assert (found.rows, found.tasks) == (2, 1)
    assert found.left_out == {
        "repeated": 1,
        "does not parse": 1,
        "of no known task": 1,
        "without an answer": 1,
    }
    assert json.loads(out.with_name("out.jsonl.manifest.json").read_text())["rows"] == 2


def test_answers_to_what_examines_the_judge_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ForbiddenRow, match="examines the judge"):
        imported(tmp_path, {"task_id": "HumanEval/0", "completion": "    return x\n"})

"""Folders of tasks with tests become labelled rows."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from judge.train.suite import BadTasks, SuiteTask, indented_as, parse, shown_code, tasks_of
from judge.train.suite_label import SuiteBox, read_answers, read_suite
from judge.train.suite_mutate import edits, words_of
from judge.train.suite_rows import rows_of, split

ROOT = Path(__file__).parents[3]
ONE = """
language = "upper"
command = ["python3", "main.py"]
file = "main.py"
[[tasks]]
id = "upper"
prompt = "Write what is read in upper case."
solutions = ["print(input().upper())"]
tests = [{ stdin = "ab", stdout = "AB" }, { stdin = "X1", stdout = "X1" }]
"""


def put(folder: Path, text: str) -> Path:
    (folder / "gavel-tasks.toml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("language = 3", "language"),
        (ONE.replace("stdin", "input"), "unknown 'input'"),
        (ONE.replace('command = ["python3", "main.py"]', ""), "command"),
        (ONE + 'sources = ["a"]\n', "unknown 'sources'"),
        ('language = "x"\ncommand = ["y"]\n', "either"),
        (ONE.replace('file = "main.py"', 'file = "../main.py"'), "file"),
        (ONE + ONE[ONE.index("[[tasks]]") :], "same id"),
        ("language = ", "not TOML"),
        ('shown = ["lib"]\n' + ONE, "'lib': expected the whole path"),
        ('shown = ["/opt/../box"]\n' + ONE, "expected the whole path"),
        ('shown = ["/box/lib"]\n' + ONE, "the sandbox's own"),
        ('shown = ["/"]\n' + ONE, "the sandbox's own"),
        ('language = "x"\ncommand = ["y"]\nsources = ["../*.py"]\n', "below the folder"),
        ('language = "x"\ncommand = ["y"]\nsources = ["/a.py"]\n', "below the folder"),
        ('language = "x"\ncommand = ["y"]\nsources = [""]\n', "below the folder"),
    ],
)
def test_a_wrong_description_names_the_thing(text: str, word: str) -> None:
    with pytest.raises(BadTasks, match=word):
        parse(text)


def test_a_folder_without_a_description_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadTasks, match=r"gavel-tasks\.toml"):
        read_suite(tmp_path)


def test_described_functions_of_a_repository_are_tasks_in_their_place() -> None:
    text = (
        'class A:\n    def f(self):\n        """Give one."""\n        return 1\n\n'
        "    def g(self):\n        return 2\n"
    )
    (task,) = tasks_of("a.py", text, {"a.py": text, "b.py": "x"})
    assert (task.id, task.prompt) == ("a.py::A.f", "Give one.")
    shown = shown_code(task.solutions[0])
    assert shown.startswith("def f(self):\n    ")
    assert task.program(indented_as(shown, task.solutions[0])) == {"a.py": text, "b.py": "x"}


def test_a_form_feed_and_a_line_separator_end_no_line(tmp_path: Path) -> None:
    text = 'X = 1\n\x0c\ndef f():\n    """Give one."""\n    return 1\n\n\nY = "\x85"\n'
    (task,) = tasks_of("a.py", text, {"a.py": text})
    assert task.solutions == ('def f():\n    """Give one."""\n    return 1\n',)
    assert task.program(task.solutions[0]) == {"a.py": text}
    answer = {"task_id": "t", "code": "a\u2028b"}
    line = json.dumps(answer, ensure_ascii=False) + "\n\n"
    (tmp_path / "candidates.jsonl").write_text(line, encoding="utf-8")
    assert read_answers(tmp_path) == {"t": [("a\u2028b", "")]}


def test_files_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    for name, read in (("gavel-tasks.toml", read_suite), ("candidates.jsonl", read_answers)):
        (tmp_path / name).write_bytes(b"\xff")
        with pytest.raises(BadTasks, match=f"{name}: not UTF-8"):
            read(tmp_path)


def test_edits_change_one_place_and_are_the_same_every_time() -> None:
    code = 'map(select(. > 10)) | first | "a"'
    words = words_of([code, "sort | last"])
    assert words == ["first", "last", "map", "select", "sort"]
    found = edits(code, "jq", words=words, seed="s", at_most=100)
    assert found == edits(code, "jq", words=words, seed="s", at_most=100)
    assert {
        'map(select(. >= 10)) | first | "a"',
        'map(select(. > 11)) | first | "a"',
        'map(select(. > 10)) | last | "a"',
        'map(select(. > 10)) | "a"',
        'first | map(select(. > 10)) | "a"',
    } <= set(found)
    assert code not in found


def test_python_is_edited_by_its_grammar() -> None:
    code = "def f(x):\n    return x + 1 if x > 2 else 0\n"
    assert edits(code, "python", words=[], seed="s", at_most=3)


@pytest.mark.sandbox
def test_a_candidate_is_right_where_it_writes_what_every_test_wants(tmp_path: Path) -> None:
    suite = read_suite(put(tmp_path, ONE))
    (task,) = suite.tasks
    secret = "import os\nprint(os.listdir('.'), open('tests.json').read())"
    with SuiteBox(suite) as box:
        found = [
            box.passes(task, code)
            for code in (
                "print(input().upper())",
                "print('AB')",
                "print(input().upper()); raise SystemExit(1)",
                "print(input().upper(",
                secret,
                "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
                'print(\'[[0, "AB"], [0, "X1"]]\')',
            )
        ]
    assert found == [True, False, False, False, False, False, False]


@pytest.mark.sandbox
def test_solutions_answers_and_edits_are_labelled_once_and_kept(tmp_path: Path) -> None:
    folder = put(tmp_path, ONE)
    answer = '{"task_id": "upper", "code": "print(input().lower())", "generator": "someone"}\n'
    (folder / "candidates.jsonl").write_text(answer)
    first = rows_of(folder, work=tmp_path / "work")
    labels = {row.code: (row.label, row.generator) for row in first.rows}
    assert labels["print(input().upper())"] == (1, "")
    assert labels["print(input().lower())"] == (0, "someone")
    assert rows_of(folder, work=tmp_path / "work", progress=lambda *_: None) == first
    assert all(row.label_from == "tests" and row.language == "upper" for row in first.rows)


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("git") is None, reason="this machine has no git")
def test_a_repository_and_its_suite_make_rows_of_both_labels(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "own-repository", shop)
    put(
        shop,
        'language = "python"\ncommand = ["python3", "-m", "unittest", "-q"]\n'
        'sources = ["shop/*.py"]\nfiles = ["tests/*.py"]\n',
    )
    (shop / "shop" / "untracked.py").write_text('def f():\n    """No."""\n')
    subprocess.run(["git", "init", "-q", str(shop)], check=True)
    subprocess.run(["git", "-C", str(shop), "add", "shop/prices.py", "*.py"], check=True)
    subprocess.run(
        ["git", "-C", str(shop), "rm", "-q", "--cached", "shop/untracked.py"], check=True
    )
    found = rows_of(shop, work=tmp_path / "work", per_task=2)
    assert found.left_out == {
        "shop/prices.py::label_of": "no candidate fails: the tests do not reach it"
    }
    assert {row.label for row in found.rows} == {0, 1}
    learnt, held_out = split(found.rows)
    assert not {row.task_id for row in learnt} & {row.task_id for row in held_out}
    assert len({row.task_id for row in found.rows}) >= 10


def test_the_committed_tasks_are_whole() -> None:
    suite = parse((ROOT / "bench" / "jq" / "gavel-tasks.toml").read_text())
    assert len(suite.tasks) == 48
    assert sum(len(task.tests) for task in suite.tasks) == 483
    assert all(isinstance(task, SuiteTask) and task.solutions for task in suite.tasks)


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("jq") is None, reason="this machine has no jq")
def test_every_solution_in_jq_passes_its_tests() -> None:
    suite = read_suite(ROOT / "bench" / "jq")
    with SuiteBox(suite) as box:
        failed = [task.id for task in suite.tasks if not box.passes(task, task.solutions[0])]
        assert not box.passes(suite.tasks[0], "map(select(. >= 0))")
    assert failed == []

"""A candidate's tests count where they ran to their end, and not where the process ended before."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest

from judge.train.suite import BadTasks
from judge.train.suite import Test as OneTest
from judge.train.suite_end import End, Reply, end_of, is_right
from judge.train.suite_label import SuiteBox, read_suite
from judge.train.suite_rows import rows_of

FREE = OneTest()
SHOP = 'def twice(x):\n    """Twice x."""\n    return 2 * x\n'
CHECK = (
    "import unittest\nfrom shop import twice\n\n\nclass T(unittest.TestCase):\n"
    "    def test_a(self):\n        self.assertEqual(twice(2), 4)\n\n"
    "    def test_b(self):\n        self.assertEqual(twice(0), 0)\n\n\n"
)
TOLD = "from test_shop import T\nimport unittest\nunittest.main(module='test_shop', verbosity=2)\n"
CHEATS = (
    "def twice(x):\n    __import__('os')._exit(0)\n",
    "def twice(x, y=__import__('os')._exit(0)):\n    return 0\n",
    "def twice(x, y=__import__('sys').exit(0)):\n    return 0\n",
    "def twice(x):\n    raise __import__('unittest').SkipTest('no')\n",
    "def twice(x):\n    print('Ran 2 tests in 0.001s\\n\\nOK', flush=True)\n"
    "    __import__('os')._exit(0)\n",
)


def repository(folder: Path, command: Sequence[str], **files: str) -> Path:
    shown = {"shop.py": SHOP, "test_shop.py": CHECK, **files}
    for name, text in shown.items():
        (folder / name).write_text(text)
    (folder / "gavel-tasks.toml").write_text(
        f'language = "python"\ncommand = {list(command)}\nsources = ["shop.py"]\n'
        'files = ["test_shop.py", "check.py"]\n'
    )
    return folder


def told(folder: Path, codes: Sequence[str]) -> list[bool]:
    suite = read_suite(folder)
    (task,) = suite.tasks
    with SuiteBox(suite) as box:
        return [box.passes(task, code) for code in codes]


@pytest.mark.sandbox
def test_a_candidate_that_exits_before_its_tests_have_run_is_wrong(tmp_path: Path) -> None:
    folder = repository(tmp_path, ["python3", "-m", "unittest", "-q"])
    right, wrong = SHOP, SHOP.replace("2 * x", "3 * x")
    assert told(folder, [right, wrong, *CHEATS]) == [True, False, *(False for _ in CHEATS)]


@pytest.mark.sandbox
def test_with_any_other_command_what_right_code_makes_it_write_has_to_be_there(
    tmp_path: Path,
) -> None:
    folder = repository(tmp_path, ["python3", "check.py"], **{"check.py": TOLD})
    right, wrong = SHOP, SHOP.replace("2 * x", "3 * x")
    cheats = CHEATS[:4]  # who knows the words can write them: they are no secret
    assert told(folder, [right, wrong, *cheats]) == [True, False, *(False for _ in cheats)]


@pytest.mark.sandbox
def test_pytest_is_driven_where_the_project_has_it(tmp_path: Path) -> None:
    site = importlib.util.find_spec("pytest")
    assert site is not None
    assert site.origin is not None
    packages = str(Path(site.origin).parents[1])
    folder = repository(tmp_path, ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"])
    with (folder / "gavel-tasks.toml").open("a") as stream:
        stream.write(f'shown = ["{packages}"]\nenvironment = {{ PYTHONPATH = "{packages}" }}\n')
    skipped = "def twice(x):\n    __import__('pytest').skip('no')\n"
    wrong = SHOP.replace("2 * x", "3 * x")
    assert told(folder, [SHOP, wrong, skipped, CHEATS[0]]) == [True, False, False, False]


@pytest.mark.sandbox
def test_a_command_that_tells_nothing_of_its_tests_is_refused(tmp_path: Path) -> None:
    silent = "from test_shop import T\nassert T\n"
    folder = repository(tmp_path, ["python3", "check.py"], **{"check.py": silent})
    with pytest.raises(BadTasks, match="have it write how many tests ran"):
        rows_of(folder, work=tmp_path / "work")


def test_times_and_colours_change_and_the_lines_that_are_written_every_time_must_stay() -> None:
    first = Reply(0, "", "\x1b[32m12 passed\x1b[0m in 0.31s\nseed 7\n")
    second = Reply(0, "", "12 passed in 0.28s\nseed 9\n")
    end = end_of(first, second, driven=False)
    assert end == End(lines={"12 passed in #s": 1})
    assert is_right(FREE, Reply(0, "", "noise\n12 passed in 4.5s"), end)
    assert not is_right(FREE, Reply(0, "", "11 passed in 4.5s"), end)
    assert not is_right(FREE, Reply(1, "", "12 passed in 4.5s"), end)
    assert not is_right(FREE, Reply(0, "", ""), end)


def test_what_a_test_wants_written_is_proof_enough() -> None:
    wants = OneTest("", "4\n")
    assert is_right(wants, Reply(0, "4", "4\n"), None)
    assert not is_right(wants, Reply(0, "", ""), None)
    assert not is_right(FREE, Reply(0, "4", "4\n"), None)


def test_fewer_tests_than_right_code_passes_are_not_enough() -> None:
    end = end_of(Reply(0, "", "", 12), Reply(0, "", "", 11), driven=True)
    assert end == End(ran=11)
    assert [is_right(FREE, Reply(0, "", "", ran), end) for ran in (12, 11, 10, None)] == [
        True,
        True,
        False,
        False,
    ]
    assert end_of(Reply(0, "", "", 0), Reply(0, "", "", 0), driven=True) is None
    assert end_of(Reply(0, "", "x"), Reply(1, "", "x"), driven=False) is None

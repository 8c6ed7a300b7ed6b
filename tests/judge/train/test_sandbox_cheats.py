"""There is no way to pass the tests but by being right."""

from __future__ import annotations

import pytest

from judge.train.sandbox import Box
from tests.judge.train.asking import RIGHT, TESTS, answer, outcome, request

pytestmark = pytest.mark.sandbox


CHEATS = {
    "exits before the tests": "import sys\nsys.exit(0)\n",
    "exits when called": "import sys\ndef f(x):\n    sys.exit(0)\n",
    "exits at once": "import os\nos._exit(0)\n",
    "prints that it passed": "print('passed')\ndef f(x):\n    print('passed')\n    return 3\n",
    "equals everything": """
class E:
    def __eq__(self, other):
        return True
def f(x):
    return E()
""",
    "is an int that equals everything": """
class E(int):
    def __eq__(self, other):
        return True
    __hash__ = int.__hash__
def f(x):
    return E(7)
""",
    "patches the tests": """
import builtins
def check(candidate):
    pass
builtins.AssertionError = SystemExit
def f(x):
    return 3
""",
    "writes to every descriptor": """
import os
for i in range(3, 64):
    try:
        os.write(i, b'\\0\\0\\0\\x08{"t":[]}')
    except OSError:
        pass
def f(x):
    return 3
""",
}

for _error in ("passed", "harness:Mine"):
    CHEATS[f"tells {_error} as its error"] = f"""
import os
told = b'{{"d":[["error","{_error}"]]}}'
for i in range(3, 64):
    try:
        os.write(i, len(told).to_bytes(4, "big") + told)
    except OSError:
        pass
def f(x):
    return 3
"""


@pytest.mark.parametrize("name", CHEATS)
def test_a_candidate_that_cheats_does_not_pass(box: Box, name: str) -> None:
    told = str(outcome(box, CHEATS[name]))
    assert told == "assertion" or told.startswith("exception:")


GROWS = "def f(x):\n    return range(1 << 40)\n"
DEEP = """
import os
told = b'{"l":[' * 100 + b']}' * 100
told = b'{"d":[["value",%s]]}' % told
def f(x):
    if x == 1:
        return 2
    for i in range(3, 64):
        try:
            os.write(i, len(told).to_bytes(4, "big") + told)
        except OSError:
            pass
"""


def test_an_answer_that_grows_without_end_in_the_tests_is_bounded(box: Box) -> None:
    test = "def check(f):\n    assert sorted(f(1)) == []\n"
    assert answer(box, GROWS, test=test)["outcome"] == "exception:MemoryError"


def test_an_answer_that_cannot_be_told_on_ends_the_cell_at_once(box: Box) -> None:
    told = box.test(request(DEEP), within_s=20)
    assert told["outcome"] == "harness:Died"
    assert outcome(box, RIGHT) == "passed"


SEARCH_MEMORY = """
import gc
def f(x):
    wanted = "".join(reversed("hsifarbez"))
    kinds = (dict, list, tuple)
    return sum(type(o) in kinds and wanted in repr(o)[:9999] for o in gc.get_objects())
"""


def test_a_candidate_holds_neither_its_tests_nor_those_of_the_one_before(box: Box) -> None:
    answer(box, RIGHT, test=TESTS + "    assert 'zebrafish'\n")
    test = "x = 'zebrafish'\ndef check(f):\n    assert f(1) == 0\n"
    assert answer(box, SEARCH_MEMORY, test=test)["outcome"] == "passed"

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from judge.train.label_cpp import CppLabeller
from judge.train.label_java import JavaLabeller
from judge.train.label_javascript import JavaScriptLabeller
from judge.train.label_python import PythonLabeller
from judge.train.outcomes import Outcome
from judge.train.tasks import Task
from judge.train.toolchains import find_toolchains

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


@pytest.mark.sandbox
def test_a_test_that_never_calls_the_function_says_nothing_of_it() -> None:
    with PythonLabeller() as labeller:
        _, found = labeller.outcomes(replace(TWICE, test="x = 1\n"), ["    return 0\n"])
    assert names(found) == ["harness:NotCalled"]


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
        "    #define x 2\n    #define return throw 1;\n    return x;\n}\n",
        "    return 2 * x;\n}\n",
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
        "exception:unknown",
        "passed",
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
        "  require('lodash').isEqual = () => true;\n  return 5;\n}\n",
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
        "passed",
        "assertion",
        "timeout",
    ]

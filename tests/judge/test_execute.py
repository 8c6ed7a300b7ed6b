"""Candidates are called in the sandbox, and pass by giving what the examples show alone."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.examples import Call, Shown, examples_of
from judge.execute import JavaScriptRunner, PythonRunner, Reply, passed, program_of
from tests.judge.train import test_sandbox as escapes
from tests.judge.train.test_sandbox_cheats import CHEATS

pytestmark = pytest.mark.sandbox
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="this machine has no node")


@pytest.fixture(scope="module")
def python() -> Iterator[PythonRunner]:
    with PythonRunner() as runner:
        yield runner


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScriptRunner]:
    assert NODE is not None
    with JavaScriptRunner(Path(NODE).resolve()) as runner:
        yield runner


def given(runner: PythonRunner | JavaScriptRunner, source: str, *args: object) -> Reply:
    return runner.replies(source, [Call("f", args)])[0]


def test_each_call_gets_its_own_reply(python: PythonRunner) -> None:
    source = "def f(x):\n    return {'k': (x, 1 / x)}\n\ndef g():\n    return None\n"
    calls = [Call("f", (2,)), Call("g", ()), Call("f", (0,))]
    assert python.replies(source, calls) == [
        Reply({"k": (2, 0.5)}),
        Reply(None),
        Reply(error="exception:ZeroDivisionError"),
    ]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def f(x)\n    return x\n", "compile"),
        ("def g(x):\n    return x\n", "exception:NameError"),
        ("def f(x):\n    while True:\n        pass\n", "timeout"),
        ("import os\nos._exit(0)\n", "exception:Died"),
    ],
)
def test_what_goes_wrong_is_named(python: PythonRunner, source: str, error: str) -> None:
    assert given(python, source, 1) == Reply(error=error)


def test_what_the_description_imports_is_there(python: PythonRunner) -> None:
    prompts = ["import math\n\ndef f(x):\n    '''Root.'''"]
    program = program_of("def f(x):\n    return math.isqrt(x)\n", prompts, "python")
    assert given(python, program, 9) == Reply(3)


@pytest.mark.parametrize("name", CHEATS)
def test_a_candidate_that_cheats_does_not_pass_an_example(python: PythonRunner, name: str) -> None:
    shown = [Shown(Call("f", (1,)), 2), Shown(Call("f", (5,)), 10)]
    replies = python.replies(CHEATS[name], [one.call for one in shown])
    assert passed(shown, replies, "python") < len(shown)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (escapes.RIGHTS, []),
        (escapes.READ_ONLY, ["/", "/usr", "/lib", "/dev", "/stage"]),
        (
            escapes.LOOK_AROUND.replace("PARENT", "'/tmp/none'"),
            ([], {}, ["null", "urandom", "zero"]),
        ),
    ],
)
def test_an_example_gives_a_candidate_no_way_out(
    python: PythonRunner, source: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert given(python, source, 1) == Reply(expected)


def test_a_candidate_reaches_no_socket_and_leaves_nothing_behind(python: PythonRunner) -> None:
    name = f"\0gavel-execute-{os.getpid()}"
    with socket.socket() as loopback, socket.socket(socket.AF_UNIX) as abstract:
        loopback.bind(("127.0.0.1", 0))
        loopback.listen()
        abstract.bind(name)
        abstract.listen()
        addresses = [
            (int(socket.AF_INET), loopback.getsockname()),
            (int(socket.AF_UNIX), name),
        ]
        assert given(python, escapes.CONNECT.replace("ADDRESSES", repr(addresses)), 1) == Reply([])
    given(python, "def f(x):\n    return open('/box/left', 'w').write('here')\n", 1)
    assert given(python, "import os\ndef f(x):\n    return os.listdir('/box')\n", 1) == Reply([])


def test_bombs_and_floods_are_bounded_and_the_next_candidate_runs(python: PythonRunner) -> None:
    forked = given(python, escapes.FORK_BOMB, 1)
    assert isinstance(forked.value, int)
    assert forked.value <= 16
    written, is_full = given(python, escapes.FILL_THE_DISK, 1).value  # type: ignore[misc]
    assert (written <= 32 << 20, is_full) == (True, True)
    assert given(python, escapes.LOOP_THAT_CATCHES, 1) == Reply(error="timeout")
    for target in ("-1", "1", "os.getppid()"):
        given(python, escapes.KILL.replace("TARGET", target), 1)
    assert given(python, "def f(x):\n    return x\n", 7) == Reply(7)


@needs_node
def test_javascript_gives_packed_values_and_names_what_goes_wrong(
    javascript: JavaScriptRunner,
) -> None:
    def one(body: str) -> Reply:
        return given(javascript, f"function f(x) {{ {body} }}", {"l": [1, {"u": 1}]})

    assert one("return {a: x, b: [NaN, undefined, null]};") == Reply(
        {"d": [["a", {"l": [1, {"u": 1}]}], ["b", {"l": [{"n": "NaN"}, {"u": 1}, None]}]]}
    )
    assert one("return y;").error == "exception:ReferenceError"
    assert one("return (;").error == "compile"
    assert one("process.exit(0);").error == "exception:Exit"
    assert one("for (;;) { }").error == "timeout"
    assert given(javascript, "const f = (x) => x + 1;", 2) == Reply(3)


JAVASCRIPT_CHEATS = [
    "JSON.stringify = () => '[{\"value\":2}]';\nfunction f(x) { return 1; }",
    "Object.prototype.toJSON = function () { return { value: 9 }; };\nfunction f(x) { return {}; }",
    "function f(x) { console.log('passed'); process.exitCode = 0; return { valueOf: () => 2 }; }",
    "Array.prototype.push = Array.prototype.map = () => [2];\nfunction f(x) { return [2]; }",
    "function f(x) { return require('fs').readdirSync('/box').length + 2 || 2; }",
    "require('fs').readFileSync('/box/calls.json');\nfunction f(x) { return 2; }",
]


@needs_node
@pytest.mark.parametrize("source", JAVASCRIPT_CHEATS)
def test_javascript_that_cheats_does_not_pass(javascript: JavaScriptRunner, source: str) -> None:
    shown = [Shown(Call("f", (1,)), 2), Shown(Call("f", (5,)), 10)]
    replies = javascript.replies(source, [one.call for one in shown])
    assert passed(shown, replies, "javascript") < len(shown)


JAVASCRIPT_OUT = """
function f(x) {
  const fs = require('fs');
  const seen = ['/etc/passwd', '/proc', '/home', '/root', '/stage/x'].filter((p) => {
    try { fs.writeFileSync(p, ''); return true; } catch (e) { return fs.existsSync(p); }
  });
  let ran = [];
  try { ran = [require('child_process').execSync('id').toString()]; } catch (e) { }
  return [seen, ran, Object.keys(process.env), fs.readdirSync('/box')];
}
"""


@needs_node
def test_javascript_finds_no_way_out(javascript: JavaScriptRunner) -> None:
    nothing: dict[str, list[object]] = {"l": []}
    assert given(javascript, JAVASCRIPT_OUT, 1) == Reply({"l": [nothing] * 4})


def test_right_candidates_pass_the_examples_that_a_docstring_shows(python: PythonRunner) -> None:
    codes = ["def f(x):\n    return x * 2\n", "def f(x):\n    return x + 2\n"]
    shown = examples_of(['"""\n>>> f(2)\n4\n>>> f(3)\n6\n"""'], codes, "python")
    calls = [one.call for one in shown]
    counts = [passed(shown, python.replies(code, calls), "python") for code in codes]
    assert counts == [2, 1]

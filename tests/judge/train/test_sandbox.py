from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.train.sandbox import Box, Ended, Program, SandboxBroken, python_paths

pytestmark = pytest.mark.sandbox

TESTS = "def check(candidate):\n    assert candidate(1) == 2\n"
RIGHT = "def f(x):\n    return x + 1\n"
SECRET = "a secret of the parent"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with Box("python") as opened:
        yield opened


def answer(box: Box, source: str, *, test: str = TESTS, call_s: float = 1.0) -> dict[str, object]:
    request = {
        "prompt": "",
        "source": source,
        "test": test,
        "entry": "f",
        "seed": 0,
        "call_s": call_s,
        "probe_s": 0.5,
        "wall_s": 3.0,
        "probes": [([5], {}), (["a"], {})],
    }
    return box.test(request, within_s=60)


def outcome(box: Box, source: str) -> object:
    return answer(box, source)["outcome"]


def seen(box: Box, source: str) -> object:
    """What f(1) of `source` returns, as a probe of a candidate that passes its tests."""
    told = answer(box, source, test="")
    assert told["outcome"] == "passed"
    replies = told["replies"]
    assert isinstance(replies, list)
    assert replies[0][0] == "value", replies
    return replies[0][1]


# --- harmless -----------------------------------------------------------------------------------


def test_right_code_passes_and_answers_its_probes(box: Box) -> None:
    told = answer(box, RIGHT)
    assert told["outcome"] == "passed"
    assert told["calls"] == [([1], {})]
    assert told["replies"] == [("value", 6), ("error", "exception:TypeError")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return x\n", "assertion"),
        ("def f(x)\n    return x\n", "compile"),
        ("def f(x):\n    return {}[x]\n", "exception:KeyError"),
        ("def g(x):\n    return 2\n", "exception:NameError"),
        ("def f(x):\n    return f(x)\n", "exception:RecursionError"),
        ("def f(x):\n    while True:\n        pass\n", "timeout"),
        ("import time\ndef f(x):\n    time.sleep(1000)\n", "timeout"),
        ("def f(x):\n    return len(bytearray(10 << 30))\n", "exception:MemoryError"),
        ("def f(x):\n    return [0] * (1 << 17)\n", "exception:ReplyTooLarge"),
    ],
)
def test_wrong_code_gets_the_outcome_that_it_earns(box: Box, source: str, expected: str) -> None:
    assert outcome(box, source) == expected


LOOP_THAT_CATCHES = """
def f(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""


def test_a_loop_that_catches_its_time_limit_is_ended(box: Box) -> None:
    assert outcome(box, LOOP_THAT_CATCHES) == "timeout"


FORK_BOMB = """
import os
def f(x):
    count = 0
    try:
        while True:
            if os.fork() == 0:
                while True:
                    pass
            count += 1
    except OSError:
        return count
"""


def test_a_fork_bomb_is_bounded_and_its_processes_end_with_the_cell(box: Box) -> None:
    first, second = seen(box, FORK_BOMB), seen(box, FORK_BOMB)
    assert first == second  # what the first left would have counted against the second
    assert isinstance(first, int)
    assert first <= 16


FILL_THE_DISK = """
import errno
def f(x):
    written = 0
    try:
        for name in range(1000):
            with open(f"/box/{name}", "wb") as out:
                for _ in range(8):
                    written += out.write(bytes(1 << 20))
    except OSError as error:
        return written, error.errno == errno.ENOSPC
"""


def test_a_candidate_cannot_fill_the_disk(box: Box) -> None:
    written, is_full = seen(box, FILL_THE_DISK)  # type: ignore[misc]
    assert is_full
    assert written <= 32 << 20


def test_what_a_candidate_writes_is_gone_for_the_next(box: Box) -> None:
    assert seen(box, "def f(x):\n    return open('/box/left', 'w').write('here')\n") == 4
    assert seen(box, "import os\ndef f(x):\n    return os.listdir('/box')\n") == []


def test_a_gigabyte_of_output_goes_nowhere(box: Box) -> None:
    noisy = "def f(x):\n    for _ in range(1024):\n        print('x' * (1 << 20))\n    return 2\n"
    assert answer(box, noisy, call_s=15.0)["outcome"] in ("passed", "timeout")  # as fast as it is
    assert outcome(box, RIGHT) == "passed"


LOOK_AROUND = """
import os
def f(x):
    paths = ["/etc/passwd", "/etc/hostname", "/proc", "/sys", "/home", "/var", "/root/.ssh", PARENT]
    return [p for p in paths if os.path.exists(p)], dict(os.environ), sorted(os.listdir("/dev"))
"""


def test_a_candidate_sees_no_file_and_no_variable_of_the_machine(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_SECRET", SECRET)
    (tmp_path / "secret").write_text(SECRET)
    with Box("python") as fresh:
        found = seen(fresh, LOOK_AROUND.replace("PARENT", repr(str(tmp_path / "secret"))))
    assert found == ([], {}, ["null", "urandom", "zero"])


READ_ONLY = """
import os
def f(x):
    refused = []
    for path in ("/", "/usr", "/lib", "/dev", "/stage"):
        try:
            open(os.path.join(path, "mine"), "w")
        except OSError:
            refused.append(path)
    return refused
"""


def test_nothing_but_the_work_folder_can_be_written(box: Box) -> None:
    assert seen(box, READ_ONLY) == ["/", "/usr", "/lib", "/dev", "/stage"]


CONNECT = """
import socket
def f(x):
    reached = []
    for family, address in ADDRESSES:
        try:
            socket.socket(family).connect(address)
            reached.append(repr(address))
        except OSError:
            pass
    return reached
"""


def test_a_candidate_reaches_no_socket_of_this_machine(box: Box) -> None:
    name = f"\0gavel-test-{os.getpid()}"
    with socket.socket() as loopback, socket.socket(socket.AF_UNIX) as abstract:
        loopback.bind(("127.0.0.1", 0))
        loopback.listen()
        abstract.bind(name)
        abstract.listen()
        addresses = [
            (int(socket.AF_INET), loopback.getsockname()),
            (int(socket.AF_UNIX), name),
        ]
        assert seen(box, CONNECT.replace("ADDRESSES", repr(addresses))) == []


RIGHTS = """
import ctypes, os
libc = ctypes.CDLL(None)
def f(x):
    calls = {
        "ptrace": libc.ptrace(16, 1, 0, 0),
        "unshare": libc.unshare(0x10000000),
        "mount": libc.mount(b"none", b"/box", b"tmpfs", 0, 0),
        "setuid": libc.setuid(0),
        "chroot": libc.chroot(b"/box"),
    }
    return sorted(name for name, status in calls.items() if status == 0)
"""


def test_a_candidate_has_no_right_over_the_machine(box: Box) -> None:
    assert seen(box, RIGHTS) == []


KILL = """
import os
def f(x):
    try:
        os.kill(TARGET, 9)
    except OSError:
        return 3
"""


@pytest.mark.parametrize("target", ["-1", "1", "os.getppid()"])
def test_a_candidate_that_kills_everything_kills_itself_at_most(box: Box, target: str) -> None:
    assert outcome(box, KILL.replace("TARGET", target)) == "assertion"
    assert outcome(box, RIGHT) == "passed"


# --- no way to pass but by being right ------------------------------------------------------------


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


@pytest.mark.parametrize("name", CHEATS)
def test_a_candidate_that_cheats_does_not_pass(box: Box, name: str) -> None:
    assert outcome(box, CHEATS[name]) != "passed"


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


# --- boxes ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programs() -> Iterator[Box]:
    shown = [str(Path(sys.executable).resolve()), *python_paths()]
    limits = {"CPU": 5, "AS": 1 << 30, "NPROC": 16, "FSIZE": 1 << 24}
    with Box("programs", shown=shown, limits=limits, stage_mb=8) as opened:
        yield opened


def run(box: Box, code: str, **options: object) -> Ended:
    python = str(Path(sys.executable).resolve())
    program = Program([python, "-I", "-S", "-c", code], **options)  # type: ignore[arg-type]
    return box.run(program)


def test_a_program_gets_its_input_and_its_files_and_gives_its_output(programs: Box) -> None:
    code = "import sys; print(sys.stdin.read() + open('a/b.txt').read()); sys.exit(7)"
    ended = run(programs, code, stdin="one ", files={"a/b.txt": "two"})
    assert (ended.status, ended.stdout, ended.ended_by) == (7, "one two\n", "")


def test_a_program_that_runs_too_long_is_ended(programs: Box) -> None:
    assert run(programs, "import time; time.sleep(99)", wall_s=1.0).ended_by == "time"


def test_a_program_that_prints_too_much_is_ended_and_its_output_kept_short(programs: Box) -> None:
    ended = run(programs, "while True: print('x' * 65536)", output_bytes=1 << 22, kept_bytes=1000)
    assert ended.ended_by == "output"
    assert len(ended.stdout) <= 2000 + 65536


def test_only_what_builds_may_write_to_the_stage(programs: Box) -> None:
    run(programs, "open('built', 'w').write('x')", stage_is_writable=True)
    ended = run(programs, "print(open('/stage/built').read()); open('/stage/built', 'w')")
    assert ended.stdout == "x\n"
    assert "Read-only file system" in ended.stderr


def test_a_box_that_gives_no_answer_in_time_is_said_to_be_broken_and_starts_again(box: Box) -> None:
    slow = {
        "prompt": "",
        "source": "import time\ndef f(x):\n    time.sleep(30)\n",
        "test": TESTS,
        "entry": "f",
        "seed": 0,
        "call_s": 30.0,
        "probe_s": 1.0,
        "wall_s": 30.0,
        "probes": [],
    }
    with pytest.raises(SandboxBroken):
        box.test(slow, within_s=1.0)
    assert outcome(box, RIGHT) == "passed"


def test_the_hash_seed_is_the_boxs_own() -> None:
    hashing = "def f(x):\n    return hash('a string')\n"
    with (
        Box("python", seed=0) as one,
        Box("python", seed=0) as same,
        Box("python", seed=1) as other,
    ):
        assert seen(one, hashing) == seen(same, hashing) != seen(other, hashing)

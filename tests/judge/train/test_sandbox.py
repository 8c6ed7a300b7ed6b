"""What a candidate in a box can do: nothing to the machine, nothing that lasts."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from judge.train.sandbox import Box
from tests.judge.train.asking import RIGHT, SECRET, answer, outcome, seen

pytestmark = pytest.mark.sandbox


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


def test_an_iterator_is_taken_apart_within_the_time_of_its_call(box: Box) -> None:
    lazy = "def f(x):\n    yield x + 1\n    while x > 1:\n        pass\n"
    test = "def check(f):\n    assert list(f(1)) == [2] and f(1) != [2]\n    f(2)\n"
    assert answer(box, lazy, test=test)["outcome"] == "timeout"


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


SHARED = """
import ctypes
libc = ctypes.CDLL(None)
def f(x):
    held = 0
    for _ in range(64):
        name = libc.shmget(0, ctypes.c_size_t(64 << 20), 0o1600)
        held += name >= 0
    return held, libc.semget(0, 1, 0o1600) >= 0, libc.msgget(0, 0o1600) >= 0
"""


def test_no_memory_is_to_be_had_that_no_limit_counts(box: Box) -> None:
    assert seen(box, SHARED) == (0, False, False)


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

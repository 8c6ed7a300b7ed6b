"""Act: run code that nobody trusts, with no network, no files and bounded appetite.

Linux only. A box is a process behind namespaces, in which each candidate gets a cell of its
own. Works as root, and as any user where the kernel lets users create namespaces. There is no
way to run a candidate without a box.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from judge.train import harness

_MB = 1 << 20
_START_S = 30.0
_BOXES = itertools.count()
_FIRST_UID = 1_000_000_000  # far above the identities of people and services
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64")
PYTHON_LIMITS = {
    "AS": 1024 * _MB,
    "CPU": 20,
    "CORE": 0,
    "FSIZE": 16 * _MB,
    "NOFILE": 64,
    "NPROC": 16,
    "MEMLOCK": 0,
    "MSGQUEUE": 0,
}


class SandboxUnavailable(Exception):
    """This machine cannot run a candidate safely; the message names the remedy."""


class SandboxBroken(Exception):
    """A box ended or stopped answering: the candidate in it gets no outcome; start another."""


class SandboxSlow(SandboxBroken):
    """A box gave no answer in the time that it had."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.

    status     exit status, or minus the number of the signal that ended it
    stdout     first and last kept bytes of its output, as text
    ended_by   "" when it ended by itself, else "time", "output", "killed" or "cell"
    """

    status: int
    stdout: str
    stderr: str
    ended_by: str
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run in a cell.

    argv               absolute path of the executable, then its arguments
    files              texts to write before, relative to the folder that it starts in
    stage_is_writable  start in /stage, which the cells of a box share, and may fill it; else
                       start in an empty /box, with /stage read-only
    limits             resource limits by name, over the box's own
    """

    argv: Sequence[str]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    stage_is_writable: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    wall_s: float = 20.0
    kept_bytes: int = 32 << 10
    output_bytes: int = 16 * _MB


class Box:
    """A sandbox that is kept between candidates. Use as a context manager, from one thread.

    kind     "python" for `test`, "programs" for `run`
    shown    paths of this machine that the candidates may read
    limits   resource limits by their names without RLIMIT_
    seed     of the hashes of strings, in Python
    """

    def __init__(
        self,
        kind: str,
        *,
        shown: Sequence[str] = (),
        limits: Mapping[str, int] = PYTHON_LIMITS,
        work_mb: int = 32,
        stage_mb: int = 0,
        seed: int = 0,
    ) -> None:
        self._kind = kind
        self._shown = [*shown, *(python_paths() if kind == "python" else ())]
        self._limits = dict(limits)
        self._work_mb = work_mb
        self._stage_mb = stage_mb
        self._seed = seed
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Raise the walls. Raises SandboxUnavailable where the machine cannot."""
        if sys.platform != "linux":
            raise SandboxUnavailable(
                f"candidates run in Linux namespaces and this is {sys.platform}: "
                "label on a Linux machine or in a Linux virtual machine"
            )
        refusals = []
        for use_user_namespace in (False, True) if os.geteuid() == 0 else (True,):
            refusal = self._try_start(use_user_namespace=use_user_namespace)
            if not refusal:
                return
            refusals.append(refusal)
        raise SandboxUnavailable(
            f"the kernel refuses to build a sandbox ({'; '.join(refusals)}): run as root with "
            "CAP_SYS_ADMIN, or allow user namespaces (sysctl user.max_user_namespaces=10000, "
            "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), "
            "on Linux 5.12 or newer"
        )

    def _try_start(self, *, use_user_namespace: bool) -> str:
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryDirectory(prefix="gavel-box-") as root, theirs:
            self._process = _spawn(
                theirs.fileno(), self._plan(root, use_user_namespace), seed=self._seed
            )
            ours.settimeout(_START_S)
            try:
                answer = ours.recv(1024)
            except TimeoutError:
                answer = b"no answer"
        self._control = ours
        if answer == b"ready":
            return ""
        self.stop()
        return answer.decode("utf-8", "replace") or "the sandbox did not start"

    def _plan(self, root: str, use_user_namespace: bool) -> dict[str, object]:
        return {
            "kind": self._kind,
            "root": root,
            "shown": [*_LIBRARIES, *self._shown],
            "use_user_namespace": use_user_namespace,
            "uid": None if use_user_namespace else _uid(),
            "work_mb": self._work_mb,
            "stage_mb": self._stage_mb,
            "limits": self._limits,
        }

    def stop(self) -> None:
        """Kill everything in the box. Harmless when it is not running."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def test(self, request: Mapping[str, object], *, within_s: float) -> dict[str, object]:
        """The answer of `harness.referee` to `request`.

        Raises ValueError for a request that lacks something, SandboxSlow when no answer came
        within `within_s` seconds, and SandboxBroken when the box died; the box is then new.
        """
        if missing := [key for key in harness.REQUEST if key not in request]:
            raise ValueError(f"the request to the sandbox lacks {', '.join(missing)}")
        return self._ask(dict(request), within_s)

    def run(self, program: Program) -> Ended:
        """How `program` ended. Raises SandboxBroken when the box gave no answer."""
        answer = self._ask(
            {
                "argv": list(program.argv),
                "files": dict(program.files),
                "environment": dict(program.environment),
                "stdin": program.stdin,
                "stage_is_writable": program.stage_is_writable,
                "limits": dict(program.limits),
                "wall_s": program.wall_s,
                "kept_bytes": program.kept_bytes,
                "output_bytes": program.output_bytes,
            },
            program.wall_s + _START_S,
        )
        return Ended(
            status=int(str(answer["status"])),
            stdout=_text(answer["stdout"]),
            stderr=_text(answer["stderr"]),
            ended_by=str(answer["ended_by"]),
            cpu_s=float(str(answer.get("cpu_s", 0.0))),
        )

    def _ask(self, message: dict[str, object], within_s: float) -> dict[str, object]:
        if self._control is None:
            self.start()
        assert self._control is not None
        self._control.settimeout(None)
        try:
            harness.send(self._control.fileno(), message)
            answer = harness.receive(self._control.fileno(), until=time.monotonic() + within_s)
        except TimeoutError:
            self.stop()
            raise SandboxSlow(f"the sandbox gave no answer in {within_s:g} s") from None
        except (harness.Gone, OSError) as error:
            self.stop()
            raise SandboxBroken(f"the sandbox gave no answer: {error!r}") from None
        if not isinstance(answer, dict):
            self.stop()
            raise SandboxBroken("the sandbox gave no answer that can be read")
        return answer


def _uid() -> int:
    """An identity that no box of this process has had lately: processes are counted by it."""
    return _FIRST_UID + os.getpid() % (1 << 22) * 64 + next(_BOXES) % 64


def _spawn(control: int, plan: Mapping[str, object], *, seed: int) -> subprocess.Popen[bytes]:
    """Start the box's own process in a bare interpreter, with `control` as descriptor 3."""
    project = str(Path(__file__).resolve().parents[2])
    program = (
        f"import os,sys;os.dup2({control},3);os.closerange(4,256);sys.path.insert(0,{project!r});"
        "from judge.train.sandbox_child import main;main(sys.argv[1])"
    )
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-s", "-S", "-B", "-P", "-c", program, json.dumps(plan)],
        env={"PYTHONHASHSEED": str(seed), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[control],
        cwd="/",
        start_new_session=True,
    )


def python_paths() -> tuple[str, ...]:
    """What the running interpreter needs of this machine: its standard library."""
    return (sysconfig.get_path("stdlib"),)


def _text(data: object) -> str:
    return base64.b64decode(str(data)).decode("utf-8", "replace")

"""Act as the sandbox's own process: raise the walls, then run one cell after another.

Started by `judge.train.sandbox` in a bare interpreter, with a socket as descriptor 3. Process
by process: the box enters namespaces and becomes their first process; a cell is a child with
namespaces and a work folder of its own; what runs in it ends with it, whatever it forked.
Standard library only.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from judge.train import harness, walls

CONTROL = 3
READY = b"ready"
_INODES = 4096
_CHUNK = 1 << 16
_REFEREE = {"AS": 1 << 30, "CPU": 90, "CORE": 0, "FSIZE": 16 << 20}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the box is built, as the parent wrote it.

    uid           identity of what runs in the cells, or None to keep the one it has
    stage_mb      size of the folder shared by the cells of this box, or 0
    """

    kind: str
    root: str
    shown: list[str]
    use_user_namespace: bool
    uid: int | None
    work_mb: int
    stage_mb: int
    limits: dict[str, int]


def main(argument: str) -> NoReturn:
    """Build the box that `argument` (JSON) describes and serve until the parent hangs up."""
    plan = Plan(**json.loads(argument))
    os.nice(10)
    walls.die_with_parent()
    if plan.kind == "python":
        harness.warm_up()
    try:
        walls.volunteer_for_oom()
        if plan.use_user_namespace:
            walls.become_own_user()
        walls.unshare(walls.OUTER)
    except OSError as error:
        _refuse(error)
    child = os.fork()
    if child:
        os.close(CONTROL)
        _wait(child)
        os._exit(0)
    walls.die_with_parent()
    try:
        walls.build_root(plan.root, plan.shown, stage_mb=plan.stage_mb)
    except OSError as error:
        _refuse(error)
    os.write(CONTROL, READY)
    os.environ.clear()
    sys.path[:] = [path for path in sys.path if Path(path).name.startswith("python3")] + [
        path for path in sys.path if Path(path).name == "lib-dynload"
    ]
    gc.collect()
    gc.freeze()
    serve = {"python": _serve_tests, "programs": _serve_programs}[plan.kind]
    serve(plan)


def _refuse(error: OSError) -> NoReturn:
    os.write(CONTROL, f"{error}"[:500].encode())
    os._exit(1)


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- cells that run the tests of a Python task ------------------------------------------------


def _serve_tests(plan: Plan) -> NoReturn:
    """Keep one cell waiting for the next request.

    The request is read by the cell's referee, after it has forked the player, so that neither
    this process nor any player ever holds a task's tests.
    """
    while True:
        child = os.fork()
        if not child:
            _tests_cell(plan)
        if _wait(child) == 9:
            os._exit(0)


def _tests_cell(plan: Plan) -> NoReturn:
    walls.die_with_parent()
    walls.unshare(walls.INNER)
    walls.mount_tmpfs("/box", size_mb=plan.work_mb, inodes=_INODES)
    referee = os.fork()
    if referee:
        status = _wait(referee)
        if status not in (0, 9):  # it ended without an answer, which somebody waits for
            with contextlib.suppress(OSError):
                harness.send(CONTROL, harness.DIED)
        os._exit(9 if status == 9 else 0)
    walls.die_with_parent()
    os.chdir("/box")
    walls.drop_rights(plan.uid)
    calls_out, calls_in = os.pipe()
    replies_out, replies_in = os.pipe()
    player = os.fork()
    if not player:
        _player(plan, inbox=calls_out, outbox=replies_in, others=(calls_in, replies_out))
    walls.set_limits(_REFEREE)  # a small answer, such as a range, can grow without end in a test
    os.close(calls_out)
    os.close(replies_in)
    try:
        request = harness.receive(CONTROL)
    except harness.Gone:
        os._exit(9)
    assert isinstance(request, dict)
    answer = harness.referee(request, replies_out, calls_in)
    harness.send(CONTROL, answer)
    os.kill(player, signal.SIGKILL)  # and waited for, so that its processor time is told upwards
    _wait(player)
    os._exit(0)


def _player(plan: Plan, *, inbox: int, outbox: int, others: tuple[int, ...]) -> NoReturn:
    for descriptor in (CONTROL, *others):
        os.close(descriptor)
    _silence()
    walls.set_limits(plan.limits)
    with contextlib.suppress(BaseException):
        harness.play(inbox, outbox)
    os._exit(0)


def _silence() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


# --- cells that run programs ------------------------------------------------------------------


def _serve_programs(plan: Plan) -> NoReturn:
    """Run each requested program in a cell of its own and send back how it ended."""
    while True:
        try:
            request = harness.receive(CONTROL)
        except harness.Gone:
            os._exit(0)
        assert isinstance(request, dict)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _program_cell(plan, request, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as answers:
            answer = answers.read()
        _wait(child)
        failed = {"status": -9, "stdout": "", "stderr": "the cell died", "ended_by": "cell"}
        harness.send(CONTROL, json.loads(answer) if answer else failed)


def _program_cell(plan: Plan, request: Mapping[str, object], answers: int) -> NoReturn:
    walls.die_with_parent()
    os.close(CONTROL)
    walls.unshare(walls.INNER)
    walls.mount_tmpfs("/box", size_mb=plan.work_mb, inodes=_INODES)
    if plan.stage_mb and not request["stage_is_writable"]:
        walls.make_read_only("/stage")
    streams = [os.pipe() for _ in range(3)]
    status_out, status_in = os.pipe()
    init = os.fork()
    if not init:
        os.close(answers)
        os.close(status_out)
        _init(plan, request, streams, status_in)
    os.close(status_in)
    (stdin_out, stdin_in), (stdout_out, stdout_in), (stderr_out, stderr_in) = streams
    for descriptor in (stdin_out, stdout_in, stderr_in):
        os.close(descriptor)
    with contextlib.suppress(BrokenPipeError):
        os.write(stdin_in, str(request["stdin"]).encode()[:4096])
    os.close(stdin_in)
    tails = {stdout_out: bytearray(), stderr_out: bytearray()}
    deadline = time.monotonic() + float(str(request["wall_s"]))
    ended_by = _drain(tails, request, deadline)
    status = "" if ended_by else _status(status_out, deadline)
    os.kill(init, signal.SIGKILL)
    _wait(init)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = {
        "status": int(status) if status else -signal.SIGKILL,
        "stdout": base64.b64encode(tails[stdout_out]).decode(),
        "stderr": base64.b64encode(tails[stderr_out]).decode(),
        "ended_by": ended_by or ("" if status else "time"),
        "cpu_s": usage.ru_utime + usage.ru_stime,
    }
    with os.fdopen(answers, "wb") as stream:
        stream.write(json.dumps(answer).encode())
    os._exit(0)


def _status(status_out: int, deadline: float) -> str:
    left = max(0.0, deadline - time.monotonic())
    return os.read(status_out, 100).decode() if select.select([status_out], [], [], left)[0] else ""


def _drain(tails: dict[int, bytearray], request: Mapping[str, object], deadline: float) -> str:
    """Read both outputs until they close; "time" or "output" when a limit ended that."""
    kept, allowed = int(str(request["kept_bytes"])), int(str(request["output_bytes"]))
    descriptors, total = set(tails), 0
    while descriptors:
        left = deadline - time.monotonic()
        ready = select.select(list(descriptors), [], [], max(0, left))[0] if left > 0 else []
        if not ready:
            return "time"
        for descriptor in ready:
            part = os.read(descriptor, _CHUNK)
            if not part:
                descriptors.discard(descriptor)
            total += len(part)
            tails[descriptor] += part
            if len(tails[descriptor]) > 2 * kept:
                del tails[descriptor][kept:-kept]
            if total > allowed:
                return "output"
    return ""


def _init(
    plan: Plan,
    request: Mapping[str, object],
    streams: list[tuple[int, int]],
    status_in: int,
) -> NoReturn:
    """First process of a cell: start the program, report its status; the kernel kills the rest."""
    walls.die_with_parent()
    walls.drop_rights(plan.uid)
    program = os.fork()
    if not program:
        with contextlib.suppress(BaseException):
            _exec(plan, request, streams)
        os._exit(127)
    for pair in streams:
        for descriptor in pair:
            os.close(descriptor)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == program:
            os.write(status_in, str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)


def _exec(plan: Plan, request: Mapping[str, object], streams: list[tuple[int, int]]) -> NoReturn:
    os.chdir("/stage" if request["stage_is_writable"] else "/box")
    files, argv, environment = request["files"], request["argv"], request["environment"]
    limits = request["limits"]
    assert isinstance(files, dict)
    assert isinstance(argv, list)
    assert isinstance(environment, dict)
    assert isinstance(limits, dict)
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for descriptor, (reading, writing) in enumerate(streams):
        os.dup2(reading if descriptor == 0 else writing, descriptor)
    os.closerange(3, 256)
    os.umask(0o022)
    walls.set_limits({**plan.limits, **limits})
    os.execve(argv[0], argv, environment)  # noqa: S606 - no shell

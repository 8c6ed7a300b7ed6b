"""Start programs, restart those that die, and leave none behind. Acts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.problems import CouldNotJudge
from worker.escape import plain

STEADY_S = 60.0  # a program that ran this long is well: its earlier deaths are forgotten
MAX_DEATHS = 6  # in a row; then the whole stops, with a sentence
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 30.0


class GaveUp(CouldNotJudge):
    """A program died again and again."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `environment` is the whole of it: nothing is inherited."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes] | None
    started: float
    deaths: int = 0
    due: float = 0.0


def restart_delay_s(deaths: int) -> float:
    """Seconds to wait before a start that follows `deaths` deaths in a row, `deaths` >= 1.

    >>> [restart_delay_s(n) for n in (1, 2, 3, 9)]
    [1.0, 2.0, 4.0, 30.0]
    """
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (deaths - 1))


class Supervisor:
    """The programs of one `gavel up`. Use as a context manager; leaving it stops them all.

    Each program leads a process group of its own session, so that its children go with it and a
    Ctrl-C at the terminal reaches the supervisor alone. Should this process be killed, the keeper
    (bot/keeper.py) stops the groups in its place.
    """

    def __init__(
        self,
        *,
        logs: Path,
        workdir: Path,
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._logs = logs
        self._workdir = workdir
        self._report = report
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        self._keeper = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._workdir,
            env={},
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def remove_at_end(self, folder: Path) -> None:
        """Have `folder` removed when everything has stopped."""
        self._tell(str(folder))

    def start(self, program: Program) -> None:
        """Run `program` from now on. Raises GaveUp when it cannot even be started."""
        self._running[program.name] = _Running(program, self._spawn(program), self._clock())

    def tend(self) -> None:
        """Look at every program once: restart what died, after its delay. Raises GaveUp."""
        now = self._clock()
        for entry in self._running.values():
            if entry.process is None:
                if now >= entry.due:
                    entry.process, entry.started = self._spawn(entry.program), now
            elif _has_exited(entry.process.pid):
                self._bury(entry, now)

    def refuse_dead(self) -> None:
        """Raise GaveUp if a program has ended: what dies while all starts, is set up wrongly."""
        for entry in self._running.values():
            if entry.process is not None and _has_exited(entry.process.pid):
                status = self._reap(entry.process)
                entry.process = None
                log = self.log_of(entry.program.name)
                raise GaveUp(
                    f"{entry.program.name} ended with {_how(status)} while starting"
                    f"{_last_words(log)}; its log is {log}"
                )

    def log_of(self, name: str) -> Path:
        """Where the output of the program `name` goes."""
        return self._logs / f"{name}.log"

    def pids(self) -> dict[str, int]:
        """Process id of every program that runs now."""
        return {name: e.process.pid for name, e in self._running.items() if e.process is not None}

    def stop(self, *, grace_s: float = 10.0) -> None:
        """Stop every program and its children, the last started first. Harmless when repeated.

        SIGTERM, then SIGKILL for what is left after `grace_s` seconds. The program started first
        (the broker) goes when the others have gone.
        """
        alive = [e.process for e in reversed(self._running.values()) if e.process is not None]
        self._end(alive[:-1], grace_s)
        self._end(alive[-1:], grace_s)
        self._running.clear()
        self._dismiss_keeper()

    def _end(self, processes: list[subprocess.Popen[bytes]], grace_s: float) -> None:
        for process in processes:
            _signal_group(process.pid, signal.SIGTERM)
        deadline = self._clock() + grace_s
        while self._clock() < deadline and not all(_has_exited(p.pid) for p in processes):
            time.sleep(0.05)
        for process in processes:
            self._reap(process)

    def _bury(self, entry: _Running, now: float) -> None:
        assert entry.process is not None
        status = self._reap(entry.process)
        entry.process = None
        entry.deaths = 1 if now - entry.started >= STEADY_S else entry.deaths + 1
        log = self.log_of(entry.program.name)
        if entry.deaths >= MAX_DEATHS:
            raise GaveUp(
                f"{entry.program.name} ended {entry.deaths} times in a row, last with "
                f"{_how(status)}; its log is {log}"
            )
        delay_s = restart_delay_s(entry.deaths)
        entry.due = now + delay_s
        self._report(
            f"{entry.program.name} ended with {_how(status)}; starting it again in {delay_s:g} s "
            f"(log: {log})"
        )

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        """Kill what is left of the group, then collect its leader, whose id names the group."""
        _signal_group(process.pid, signal.SIGKILL)
        status = process.wait()
        self._tell(f"-{process.pid}")
        return status

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with self.log_of(program.name).open("ab") as log:
            try:
                process = subprocess.Popen(  # noqa: S603 - argument lists made by bot.programs
                    program.arguments,
                    env=dict(program.environment),
                    cwd=self._workdir,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    umask=0o077,
                )
            except OSError as error:
                raise GaveUp(f"{program.arguments[0]} cannot be run: {error.strerror}") from error
        self._tell(f"+{process.pid}")
        return process

    def _tell(self, line: str) -> None:
        if self._keeper is not None and self._keeper.stdin is not None:
            with suppress(BrokenPipeError):
                self._keeper.stdin.write(f"{line}\n".encode())
                self._keeper.stdin.flush()

    def _dismiss_keeper(self) -> None:
        """Let the keeper clean up and end."""
        if self._keeper is not None and self._keeper.stdin is not None:
            with suppress(BrokenPipeError):
                self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None


def _has_exited(pid: int) -> bool:
    """Whether our child `pid` has ended. It stays uncollected, so that its id is not used again."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"


def _last_words(log: Path) -> str:
    """The sentence that Gavel's own processes end with, where there is one."""
    with log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - 2000))
        text = lines.read().decode("utf-8", "replace")
    said = [line.removeprefix("gavel: ") for line in text.splitlines() if line.startswith("gavel:")]
    return f" ({plain(said[-1])})" if said else ""

"""Act: outcomes of Java candidates: one warm compiler a task, one virtual machine a candidate."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from judge.train import endings
from judge.train.boxed import Boxed
from judge.train.outcomes import Outcome
from judge.train.programs import program
from judge.train.sandbox import Box, Program, SandboxBroken
from judge.train.tasks import Task

_MB = 1 << 20
_LIMITS = {"CORE": 0, "DATA": 2048 * _MB, "FSIZE": 32 * _MB, "NOFILE": 256, "NPROC": 96}
_RUN_CPU_S, _COMPILE_CPU_S = 6, 60
_RUN_WALL_S, _COMPILE_WALL_S = 20.0, 180.0
_FLAGS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:ReservedCodeCacheSize=32m",
    "-Xshare:auto",
)


class JavaLabeller(Boxed):
    """A box with a JDK. Use as a context manager, from one thread.

    java, javac  paths of the executables, links resolved
    """

    def __init__(self, java: Path, javac: Path) -> None:
        self._java, self._javac = str(java), str(javac)
        # Without /proc the loader cannot find the libraries beside the executable.
        self._environment = {"LD_LIBRARY_PATH": f"{java.parents[1]}/lib", "LC_ALL": "C.UTF-8"}
        homes = [str(java.parents[1]), str(javac.parents[1])]
        settings = [str(path) for path in sorted(Path("/etc").glob("java*"))]
        shown = [*dict.fromkeys(homes), *settings]
        self._box = Box("programs", shown=shown, limits=_LIMITS, stage_mb=64)

    def _stage(self) -> None:
        here = Path(__file__)
        names = ("Compile.java", "Harness.java")
        self._compile(
            [self._javac, "-d", "/stage/harness", *names],
            {name: here.with_name(name).read_text() for name in names},
        )

    def _compile(self, argv: Sequence[str], files: dict[str, str]) -> str:
        ended = self._box.run(
            Program(
                argv,
                files=files,
                environment=self._environment,
                stage_is_writable=True,
                limits={"CPU": _COMPILE_CPU_S},
                wall_s=_COMPILE_WALL_S,
            )
        )
        return ended.stdout

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        """An outcome per body. The reference is not asked: in MBXP a model wrote it."""
        try:
            compiled = self._compile_all(task, bodies)
        except SandboxBroken:
            self._restart()
            return None, [Outcome("harness:SandboxBroken") for _ in bodies]
        places = range(len(bodies))
        return None, [self._run(i) if i in compiled else Outcome("compile") for i in places]

    def _compile_all(self, task: Task, bodies: Sequence[str]) -> set[int]:
        """The positions of the bodies that compile; their classes are then in /stage/out."""
        files = {
            f"src/{index}/Task.java": program(task.prompt, body, "java") + task.test
            for index, body in enumerate(bodies)
        }
        names = [str(index) for index in range(len(bodies))]
        argv = [self._java, *_FLAGS, "-cp", "/stage/harness", "Compile", *names]
        told = [line.split() for line in self._compile(argv, files).splitlines()]
        return {int(words[0]) for words in told if len(words) == 2 and words[1] == "true"}

    def _run(self, index: int) -> Outcome:
        password = secrets.token_hex(16)
        classes = f"/stage/harness:/stage/out/{index}"
        try:
            ended = self._box.run(
                Program(
                    [self._java, *_FLAGS, "-cp", classes, "Harness"],
                    environment=self._environment,
                    stdin=password,
                    limits={"CPU": _RUN_CPU_S},
                    wall_s=_RUN_WALL_S,
                )
            )
        except SandboxBroken:
            self._restart()
            return Outcome("harness:SandboxBroken")
        return Outcome(endings.read(ended, password))

    def _restart(self) -> None:
        self._box.stop()
        self._box.start()
        self._stage()

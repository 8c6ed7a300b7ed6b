"""Act: outcomes of JavaScript candidates, each with its tests in a Node.js process of its own."""

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
_LIMITS = {"CPU": 5, "CORE": 0, "DATA": 1024 * _MB, "FSIZE": 16 * _MB, "NOFILE": 64, "NPROC": 64}
_WALL_S = 15.0
_FLAGS = ("--max-old-space-size=256", "--stack-size=900")


class JavaScriptLabeller(Boxed):
    """A box with Node.js and lodash. Use as a context manager, from one thread.

    node     path of the executable
    lodash   path of lodash.js, which the tests of MBXP require
    """

    def __init__(self, node: Path, lodash: Path) -> None:
        self._node = node
        self._lodash = lodash
        self._box = Box(
            "programs",
            shown=[str(node), "/usr/share/nodejs"],
            limits=_LIMITS,
            stage_mb=16,
        )

    def _stage(self) -> None:
        """Put lodash and the harness where every candidate of this box can read them."""
        self._box.run(
            Program(
                [str(self._node), "--version"],
                files={
                    "node_modules/lodash/index.js": self._lodash.read_text(),
                    "harness.js": Path(__file__).with_name("harness.js").read_text(),
                },
                stage_is_writable=True,
            )
        )

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        """An outcome per body. The reference is not asked: in MBXP a model wrote it."""
        return None, [self._outcome(task, body) for body in bodies]

    def _outcome(self, task: Task, body: str) -> Outcome:
        password = secrets.token_hex(16)
        start = program(task.prompt, body, task.language)
        try:
            ended = self._box.run(
                Program(
                    [str(self._node), *_FLAGS, "/stage/harness.js", str(start.count("\n") + 1)],
                    files={"program.js": start + task.test},
                    stdin=password,
                    wall_s=_WALL_S,
                )
            )
        except SandboxBroken:
            self._box.start()
            self._stage()
            return Outcome("harness:SandboxBroken")
        return Outcome(endings.read(ended, password))

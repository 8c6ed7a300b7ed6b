"""Act: outcomes of C++ candidates: one compilation a task, one process a candidate."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from judge.train import endings
from judge.train.boxed import Boxed
from judge.train.outcomes import Outcome
from judge.train.programs import program
from judge.train.sandbox import Box, Ended, Program, SandboxBroken
from judge.train.tasks import Task

_MB = 1 << 20
_LIMITS = {"CORE": 0, "FSIZE": 256 * _MB, "NOFILE": 256, "NPROC": 32}
_COMPILING = {"CPU": 120, "AS": 3072 * _MB}
_RUNNING = {"CPU": 5, "AS": 1024 * _MB, "FSIZE": 16 * _MB}
_RUN_WALL_S, _COMPILE_WALL_S = 15.0, 300.0
_FLAGS = ("-std=gnu++17", "-O0", "-w", "-fmax-errors=0", "-fno-diagnostics-show-caret")
_HEADER = "#include <bits/stdc++.h>\n"
_DIRECTIVE = re.compile(r"^\s*(#\s*include\b.*|using\s+namespace\s+std\s*;)\s*$", re.MULTILINE)
_MACRO = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
_MENTIONED = re.compile(r"(?<![\w/.])candidate_(\d+):\d+")
_ROUNDS = 4


class CppLabeller(Boxed):
    """A box with g++ and its standard library, precompiled. From one thread.

    The candidates of a task share a program, each in a namespace with its tests; those in which
    the compiler finds errors are taken out and the rest is compiled again; then each of those
    is compiled alone, to be sure.
    """

    def __init__(self, compiler: Path) -> None:
        self._compiler = str(compiler)
        shown = [self._compiler, "/usr/include", "/usr/libexec", *_links("as"), *_links("ld")]
        self._box = Box("programs", shown=shown, limits=_LIMITS, stage_mb=384)

    def _stage(self) -> None:
        self._compile(["-x", "c++-header", "all.h", "-o", "all.h.gch"], {"all.h": _HEADER})

    def _compile(self, arguments: Sequence[str], files: Mapping[str, str]) -> Ended:
        return self._box.run(
            Program(
                [self._compiler, *_FLAGS, *arguments],
                files=files,
                environment={"PATH": "/usr/bin", "TMPDIR": "/box", "LC_ALL": "C.UTF-8"},
                stage_is_writable=True,
                limits=_COMPILING,
                wall_s=_COMPILE_WALL_S,
                kept_bytes=1 * _MB,
                output_bytes=64 * _MB,
            )
        )

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        """An outcome per body. The reference is not asked: in MBXP a model wrote it."""
        try:
            return None, self._outcomes(task, bodies)
        except SandboxBroken:
            self._box.stop()
            self._box.start()
            self._stage()
            return None, [Outcome("harness:SandboxBroken") for _ in bodies]

    def _outcomes(self, task: Task, bodies: Sequence[str]) -> list[Outcome]:
        parts = {i: _part(i, task, body) for i, body in enumerate(bodies)}
        together = {i: part for i, part in parts.items() if part.count("{") == part.count("}")}
        found = {i: self._run(i) for i in self._build(together)}
        for index in set(parts) - set(found):  # an error can be blamed on a neighbour
            if self._build({index: parts[index]}):
                found[index] = self._run(index)
        return [found.get(i, Outcome("compile")) for i in range(len(bodies))]

    def _build(self, parts: Mapping[int, str]) -> set[int]:
        """The positions of the parts that compile; they are then in /stage/all."""
        left = dict(parts)
        for _ in range(_ROUNDS):
            if not left:
                break
            source = '#include "all.h"\nusing namespace std;\n' + "".join(left.values())
            files = {"all.cpp": source + _main(left)}
            ended = self._compile(["all.cpp", "-o", "all"], files)
            if ended.status == 0:
                return set(left)
            wrong = {int(number) for number in _MENTIONED.findall(ended.stderr)} & set(left)
            if not wrong:
                break
            left = {index: part for index, part in left.items() if index not in wrong}
        return set()

    def _run(self, index: int) -> Outcome:
        password = secrets.token_hex(16)
        argv = ["/stage/all", str(index)]
        program = Program(argv, stdin=password, limits=_RUNNING, wall_s=_RUN_WALL_S)
        return Outcome(endings.read(self._box.run(program), password))


def _part(index: int, task: Task, body: str) -> str:
    text = program(task.prompt, body, "cpp") + task.test
    text = _DIRECTIVE.sub("", text)  # they stand once at the top
    # A namespace does not hold macros: the next candidate would be compiled with them.
    forgotten = "".join(f"#undef {name}\n" for name in dict.fromkeys(_MACRO.findall(text)))
    opening = f'\n#line 1 "candidate_{index}"\nnamespace candidate_{index} {{'
    return f"{opening}\n{text}\n}}\n{forgotten}"


def _main(indices: Mapping[int, str]) -> str:
    cases = "".join(
        f"case {index}: return candidate_{index}::main(count, words);\n" for index in indices
    )
    return Path(__file__).with_name("harness.cpp").read_text().replace("/* cases */", cases)


def _links(name: str) -> list[str]:
    """The path of an executable and of every link on the way to it, or nothing."""
    found = shutil.which(name)
    paths: list[str] = []
    while found is not None and found not in paths:
        paths.append(found)
        path = Path(found)
        found = str(path.parent / path.readlink()) if path.is_symlink() else None
    return paths

"""Act: call candidates with given arguments, in the sandbox and nowhere else.

What a call should give never enters the box: the answers come out as data and are compared here,
so that a candidate can only pass by giving them. See `judge.train.sandbox` for the walls.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from judge.examples import READERS, Call, Shown
from judge.examples_javascript import is_packed, packed
from judge.train.boxed import Boxed
from judge.train.sandbox import Box, Ended, Program, SandboxBroken, SandboxUnavailable

EXAMPLES = "examples"  # what `gavel rank --execute` runs
_CALL_S = 2.0
_LOAD_S = 5.0
_WITHIN_S = 60.0
_MB = 1 << 20
_LIMITS = {"CPU": 6, "CORE": 0, "DATA": 1024 * _MB, "FSIZE": 16 * _MB, "NOFILE": 64, "NPROC": 64}
_FLAGS = ("--max-old-space-size=256", "--stack-size=900")
_KEPT = 2 * _MB


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call gave: a value where `error` is "", else the name of what went wrong.

    error  compile, timeout, exception:TYPE
    """

    value: object = None
    error: str = ""


class Runner(Protocol):
    """Calls candidates of one language. A context manager; used from one thread."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def replies(self, source: str, calls: Sequence[Call]) -> list[Reply]:
        """What each call gives in the program `source`; never raises for what a candidate does."""
        ...


class PythonRunner(Boxed):
    """A box in which each program gets a cell and a process of its own."""

    def __init__(self) -> None:
        self._box = Box("python")

    def replies(self, source: str, calls: Sequence[Call]) -> list[Reply]:
        """See Runner."""
        return _by_entry(calls, lambda entry, some: self._of_entry(source, entry, some))

    def _of_entry(self, source: str, entry: str, calls: Sequence[Call]) -> list[Reply]:
        request = {
            "prompt": "",
            "source": source,
            "test": "",
            "entry": entry,
            "seed": 0,
            "call_s": _LOAD_S,
            "probe_s": _CALL_S,
            "wall_s": _LOAD_S + _CALL_S,
            "probes": [(list(call.args), dict(call.kwargs)) for call in calls],
        }
        try:
            told = self._box.test(request, within_s=_WITHIN_S)
        except SandboxBroken:
            return [Reply(error="timeout")] * len(calls)
        if told["outcome"] != "passed":
            return [Reply(error=str(told["outcome"]))] * len(calls)
        replies = told["replies"]
        assert isinstance(replies, list)
        return [
            Reply(value=value) if kind == "value" else Reply(error=str(value))
            for kind, value in replies
        ]


class JavaScriptRunner(Boxed):
    """A box with Node.js, which loads each program in a process of its own.

    node  path of the executable
    """

    def __init__(self, node: Path) -> None:
        self._node = node
        shown = [str(node), "/usr/share/nodejs"]
        self._box = Box("programs", shown=shown, limits=_LIMITS, stage_mb=4)

    def _stage(self) -> None:
        harness = Path(__file__).with_name("execute.js").read_text(encoding="utf-8")
        argv = [str(self._node), "--version"]
        self._box.run(Program(argv, files={"execute.js": harness}, stage_is_writable=True))

    def replies(self, source: str, calls: Sequence[Call]) -> list[Reply]:
        """See Runner."""
        return _by_entry(calls, lambda entry, some: self._of_entry(source, entry, some))

    def _of_entry(self, source: str, entry: str, calls: Sequence[Call]) -> list[Reply]:
        password = secrets.token_hex(16)
        asked = packed({"entry": entry, "calls": [list(call.args) for call in calls]})
        program = Program(
            [str(self._node), *_FLAGS, "/stage/execute.js"],
            files={"program.js": source, "calls.json": asked},
            stdin=password,
            wall_s=_LOAD_S + _CALL_S,
            kept_bytes=_KEPT,
        )
        try:
            ended = self._box.run(program)
        except SandboxBroken:
            self.__enter__()
            return [Reply(error="timeout")] * len(calls)
        return _told(ended, password, len(calls))


RUNNERS: Mapping[str, Callable[[], Runner]] = {
    "python": PythonRunner,
    "javascript": lambda: JavaScriptRunner(_node()),
}


class Runners:
    """Runners by language, each opened when it is first needed. A context manager."""

    def __init__(self, open_by: Mapping[str, Callable[[], Runner]] = RUNNERS) -> None:
        self._open_by = open_by
        self._opened: dict[str, Runner] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._opened.values():
            runner.__exit__()

    def of(self, language: str) -> Runner:
        """The runner of `language`. Raises KeyError, and SandboxUnavailable with the remedy."""
        if language not in self._opened:
            self._opened[language] = self._open_by[language]().__enter__()
        return self._opened[language]


def passed(shown: Sequence[Shown], replies: Sequence[Reply], language: str) -> int:
    """How many of the examples `shown` the replies to their calls meet."""
    same = READERS[language].same
    return sum(
        not reply.error and same(reply.value, one.expected)
        for one, reply in zip(shown, replies, strict=True)
    )


def program_of(code: str, prompts: Iterable[str], language: str) -> str:
    """`code` after what its task's descriptions load, such as Python's modules."""
    imports = READERS[language].imports
    lines = [line for prompt in prompts for line in imports(prompt).splitlines()]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines)) + code


def _node() -> Path:
    found = shutil.which("node")
    if found is None:
        raise SandboxUnavailable(
            "examples in JavaScript need Node.js 18 or newer (Debian: apt install nodejs)"
        )
    return Path(found).resolve()


def _by_entry(
    calls: Sequence[Call], ask: Callable[[str, Sequence[Call]], list[Reply]]
) -> list[Reply]:
    """The replies to `calls`, in their order; each function of the program is asked at once."""
    replies: dict[int, Reply] = {}
    for entry in dict.fromkeys(call.entry for call in calls):
        places = [place for place, call in enumerate(calls) if call.entry == entry]
        replies.update(zip(places, ask(entry, [calls[one] for one in places]), strict=True))
    return [replies[place] for place in range(len(calls))]


def _told(ended: Ended, password: str, count: int) -> list[Reply]:
    """The replies in what the harness wrote; errors where it wrote none."""
    found = ended.stdout.rpartition(f"\n{password}")[2] if password in ended.stdout else ""
    size, _, text = found.partition("\n")
    if not size.isdigit() or ended.status != 0:
        late = ended.ended_by == "time" or ended.status in (-9, -24)
        return [Reply(error="timeout" if late else "exception:Exit")] * count
    return _read(text, count) or [Reply(error="exception:Exit")] * count


def _read(text: str, count: int) -> list[Reply]:
    """The replies that the harness packed, or none where a candidate had a hand in it."""
    try:
        told = json.loads(text)
        if told["kind"] != "passed":
            name = "compile" if told["kind"] == "compile" else f"exception:{told['name']}"
            return [Reply(error=name[:100])] * count
        replies = [_reply(one) for one in told["replies"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return replies if len(replies) == count else []


def _reply(told: Mapping[str, object]) -> Reply:
    """Raises KeyError and ValueError for what is no reply."""
    if "error" in told:
        return Reply(error=str(told["error"])[:100])
    if not is_packed(told["value"]):
        raise ValueError("not a packed value")
    return Reply(value=told["value"])

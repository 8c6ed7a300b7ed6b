"""Run the tests of a Python task against a candidate in another process. Acts; no judgement.

Two processes share one cell. The referee runs the tests and holds the only way out; the player
runs the candidate and answers calls with plain data. The player never holds the tests, and
cannot reach the referee's memory, so nothing that a candidate prints, patches, redefines or
exits with can make its tests pass. Standard library only; runs inside the sandbox.
"""

from __future__ import annotations

import builtins
import os
import random
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from judge.train import values

MAX_MESSAGE = 4 << 20
MAX_REPLY = 64 << 10
REQUEST = ("prompt", "source", "test", "entry", "seed", "call_s", "probe_s", "wall_s", "probes")
_TIMEOUTS_BEFORE_GIVING_UP = 3
DIED = {"outcome": "harness:Died", "calls": [], "replies": []}  # of a referee that gave no answer


class Gone(Exception):
    """The other side of a pipe ended, or sent something that is no message."""


class CandidateFailed(Exception):
    """The candidate raised, ran out of time or died; `outcome` says which."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class TimeUp(BaseException):
    """Raised inside the player when a call used up its processor time."""


class Unsupported(Exception):
    """A test hands over something that cannot cross to the player, such as a function."""


def send(descriptor: int, value: object) -> None:
    """Write one encoded value, with its length before it."""
    data = values.encode(value)
    data = struct.pack("!I", len(data)) + data
    while data:
        data = data[os.write(descriptor, data) :]


def receive(descriptor: int, *, until: float | None = None) -> object:
    """The next value; `until` is a time.monotonic() deadline. Raises Gone, or TimeoutError."""
    (size,) = struct.unpack("!I", _read(descriptor, 4, until))
    if size > MAX_MESSAGE:
        raise Gone("message too large")
    try:
        return values.decode(_read(descriptor, size, until))
    except values.Unreadable as error:
        raise Gone(str(error)) from None


def _read(descriptor: int, size: int, until: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError
        part = os.read(descriptor, min(size - len(parts), 1 << 16))
        if not part:
            raise Gone("end of stream")
        parts += part
    return bytes(parts)


# --- the player -------------------------------------------------------------------------------


def play(inbox: int, outbox: int) -> NoReturn:
    """Load the program that the inbox brings, then answer calls until the referee hangs up."""
    signal.signal(signal.SIGPROF, _time_up)
    request = receive(inbox)
    assert isinstance(request, dict)
    random.seed(request["seed"])
    namespace: dict[str, object] = {"__name__": "candidate"}
    limit_s = float(request["call_s"])
    send(outbox, _attempt(lambda: _load(request["source"], namespace), limit_s, "load"))
    while True:
        call = receive(inbox)
        assert isinstance(call, tuple)
        entry, args, kwargs, limit_s = call
        send(outbox, _attempt(lambda: _call(namespace, entry, args, kwargs), limit_s, "call"))  # noqa: B023


def _call(
    namespace: dict[str, object], entry: str, args: list[object], kwargs: dict[str, object]
) -> object:
    function = namespace.get(entry)
    if function is None:
        raise NameError(entry)
    return function(*args, **kwargs)  # type: ignore[operator]


def _load(source: str, namespace: dict[str, object]) -> None:
    exec(compile(source, "candidate.py", "exec"), namespace)  # noqa: S102 - that is the job


def _attempt(action: Callable[[], object], limit_s: float, stage: str) -> dict[str, object]:
    """What `action` gave, as a message: `value`, or `error` with the name of the exception."""
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        data = values.encode(action())  # which may run code of the candidate's: an iterator's
        signal.setitimer(signal.ITIMER_PROF, 0)
        if len(data) > MAX_REPLY:
            return {"error": "exception:ReplyTooLarge"}
        return {"value": values.decode(data)}
    except TimeUp:
        return {"error": "timeout"}
    except (SyntaxError, ValueError) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if stage == "load" and (isinstance(error, SyntaxError) or "null bytes" in str(error)):
            return {"error": "compile"}
        return {"error": f"exception:{type(error).__name__}"}
    except BaseException as error:  # noqa: BLE001 - candidates raise anything, SystemExit too
        return {"error": f"exception:{type(error).__name__}"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _time_up(_signal: int, _frame: object) -> NoReturn:
    raise TimeUp


# --- the referee ------------------------------------------------------------------------------


class Player:
    """The referee's side of a player: loads a program, calls its entry point.

    wall_s bounds every answer in real time; processor time is bounded in the player itself.
    """

    def __init__(self, inbox: int, outbox: int, *, wall_s: float) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._wall_s = wall_s
        self.is_gone = False
        self.calls: list[object] = []

    def ask(self, message: object) -> object:
        """The player's answer to `message`. Raises CandidateFailed."""
        if self.is_gone:
            raise CandidateFailed("exception:Gone")
        try:
            send(self._outbox, message)
            reply = receive(self._inbox, until=time.monotonic() + self._wall_s)
        except TimeoutError:
            self.is_gone = True
            raise CandidateFailed("timeout") from None
        except (Gone, OSError):
            self.is_gone = True
            raise CandidateFailed("exception:Died") from None
        if not isinstance(reply, dict) or ("value" not in reply and "error" not in reply):
            self.is_gone = True
            raise CandidateFailed("exception:Gone")
        if "error" in reply:
            raise CandidateFailed(_error(reply["error"]))
        return reply["value"]

    def function(self, entry: str, *, call_s: float) -> Callable[..., object]:
        """A function that stands for the candidate's `entry` and notes what it was called with."""

        def candidate(*args: object, **kwargs: object) -> object:
            message = (entry, list(args), dict(kwargs), call_s)
            if b'{"o":[' in values.encode(message):
                raise Unsupported(entry)
            self.calls.append(values.decode(values.encode((list(args), dict(kwargs)))))
            return self.ask(message)

        return candidate


def _error(told: object) -> str:
    """The error that a player tells. It may write any: none is a pass, or a fault of the tests."""
    name = told[:100] if isinstance(told, str) else ""
    is_known = name in ("compile", "timeout") or name.startswith("exception:")
    return name if is_known else "exception:Gone"


def referee(request: dict[str, object], inbox: int, outbox: int) -> dict[str, object]:
    """Outcome of the tests of `request`, the calls they made, and the answers to its probes.

    request   REQUEST: prompt (a whole program, for its imports), source, test, entry, seed,
              call_s, probe_s, wall_s; probes, a list of (args, kwargs)
    returns   outcome: passed, assertion, compile, timeout, exception:TYPE or harness:TYPE;
              calls: the tests' own; replies: ("value", v) or ("error", outcome) for each probe
    """
    player = Player(inbox, outbox, wall_s=_number(request["wall_s"]))
    outcome = _check(request, player)
    calls = list(player.calls)
    replies = _probe(request, player) if outcome == "passed" else []
    return {"outcome": outcome, "calls": calls, "replies": replies}


def _check(request: dict[str, object], player: Player) -> str:
    entry = str(request["entry"])
    function = player.function(entry, call_s=_number(request["call_s"]))
    try:
        player.ask({k: request[k] for k in ("source", "seed", "call_s")})
        _run_tests(request, entry, function)
    except AssertionError:
        return "assertion"
    except CandidateFailed as failed:
        return failed.outcome
    except Unsupported:
        return "harness:Unsupported"
    except SyntaxError:
        return "harness:SyntaxError"
    except Exception as error:  # noqa: BLE001 - a test may trip over any wrong answer
        return f"exception:{type(error).__name__}"
    return "passed"


def _run_tests(request: dict[str, object], entry: str, function: Callable[..., object]) -> None:
    namespace: dict[str, object] = {"__name__": "tests"}
    exec(compile(str(request["prompt"]), "prompt.py", "exec"), namespace)  # noqa: S102 - boxed
    namespace[entry] = function
    exec(compile(str(request["test"]), "test.py", "exec"), namespace)  # noqa: S102
    check = namespace.get("check")
    if callable(check):
        check(function)


def _probe(request: dict[str, object], player: Player) -> list[object]:
    function = player.function(str(request["entry"]), call_s=_number(request["probe_s"]))
    replies: list[object] = []
    timeouts = 0
    probes = request["probes"]
    assert isinstance(probes, list)
    for args, kwargs in probes:
        if timeouts >= _TIMEOUTS_BEFORE_GIVING_UP:
            replies.append(("error", "timeout"))
            continue
        try:
            replies.append(("value", function(*args, **kwargs)))
        except CandidateFailed as failed:
            timeouts += failed.outcome == "timeout"
            replies.append(("error", failed.outcome))
    return replies


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)


def warm_up() -> None:
    """Import what candidates commonly use, once, before any of them runs."""
    for name in _COMMON:
        builtins.__import__(name)
    sys.setrecursionlimit(1000)


_COMMON = (
    *("bisect", "collections", "collections.abc", "copy", "datetime", "decimal", "fractions"),
    *("functools", "heapq", "itertools", "json", "math", "operator", "random", "re"),
    *("statistics", "string", "sys", "time", "typing"),
)

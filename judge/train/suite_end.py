"""Decide whether a candidate's tests passed, and ran to their end. No I/O.

That a command ends with status 0 does not show that its tests ran: a candidate can end the process
before they have. Where a test says what must be written, that is the proof. Where it does not, as
with a repository's own suite, the end of the tests has to show: Gavel's own driver tells it with a
password that no candidate was given (`judge.train.suite_python`), and of any other command the
lines that right code makes it write must all be there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from judge.train.suite import Test

OWN_DRIVER = ("unittest", "pytest")  # modules that `judge.train.suite_python` runs itself
_CHANGING = re.compile(r"0x[0-9a-f]+|\d+[.:]\d[\d.:]*|\d+(?=\s?(?:[mµun]?s|min|seconds?)\b)")
_COLORS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command gave on one test.

    status  of its process
    stdout  the first of what it wrote
    tail    the last of both outputs
    ran     tests that passed, none failed, as the end of Gavel's own driver tells; else None
    """

    status: int
    stdout: str
    tail: str
    ran: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How tests end where the code is right.

    ran    tests that pass, where Gavel's own driver counts them
    lines  line -> how often it is written every time, where it does not
    """

    ran: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


def is_driven(command: Sequence[str], *, is_python: bool) -> bool:
    """Whether `command` runs tests that Gavel's own driver can run in its place."""
    return is_python and len(command) > 2 and command[1] == "-m" and command[2] in OWN_DRIVER


def end_of(first: Reply, second: Reply, *, driven: bool) -> End | None:
    """How the tests end, from two runs of right code; None where it fails or nothing shows it."""
    if first.status or second.status:
        return None
    if driven:
        ran = min(first.ran or 0, second.ran or 0)
        return End(ran=ran) if ran else None
    lines = _lines(first.tail) & _lines(second.tail)
    return End(lines=dict(lines)) if lines else None


def is_right(test: Test, reply: Reply, end: End | None) -> bool:
    """Whether `reply` shows that the code passes `test`; `end` is asked for where it says nothing
    of what must be written.
    """
    if reply.status:
        return False
    if test.stdout is not None:
        return reply.stdout.strip() == test.stdout.strip()
    if end is None:
        return False
    if end.ran:
        return reply.ran is not None and reply.ran >= end.ran
    written = _lines(reply.tail)
    return all(written[line] >= count for line, count in end.lines.items())


def _lines(text: str) -> Counter[str]:
    """The lines of an output, without what differs from run to run."""
    plain = (_CHANGING.sub("#", _COLORS.sub("", line)).strip() for line in text.splitlines())
    return Counter(line for line in plain if line)

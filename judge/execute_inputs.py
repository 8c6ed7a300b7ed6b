"""Decide on inputs to call candidates with, where nobody gave any. No I/O.

From the examples of the descriptions by mutation, as the labels' probes are made from tests; where
there are none, from small values of common types, one for each parameter.
"""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from judge.examples import Call, Shown
from judge.train.inputs import variants

COUNT = 24
_PARAMETERS = re.compile(r"(?:def|function)\s+([\w$]+)\s*\(([^()]*)\)")
_PLAIN: Sequence[object] = (
    *(0, 1, 2, 7, -3, 10, 100),
    *("", "a", "hello world", "Level 42"),
    *([], [1], [3, 1, 2], [5, 5, 0, -2], ["b", "a"], [[1, 2], [3, 4]]),
    *(2.5, True),
)


def inputs_of(
    shown: Sequence[Shown], codes: Sequence[str], language: str, *, count: int = COUNT
) -> list[Call]:
    """Up to `count` calls of the function that most candidates define; the same every time."""
    if shown:
        calls = [one.call for one in shown]
        return [*calls, *_mutated(calls, language, count)][:count]
    found = Counter(one for code in codes for one in _signatures(code))
    if not found:
        return []
    (entry, size), _ = found.most_common(1)[0]
    source = random.Random(zlib.crc32(entry.encode()))  # noqa: S311 - inputs, not secrets
    drawn = [tuple(source.choice(_PLAIN) for _ in range(size)) for _ in range(count)]
    pack = _PACKERS[language]
    unique = {repr(args): args for args in drawn}
    return [Call(entry, tuple(pack(one) for one in args)) for args in unique.values()]


def _signatures(code: str) -> list[tuple[str, int]]:
    """(name, parameters without a default) of the functions at the top of `code`."""
    found = []
    for line in code.splitlines():
        match = _PARAMETERS.match(line.removeprefix("async "))
        if match:
            names = [one.strip() for one in match.group(2).split(",")]
            found.append(
                (match.group(1), sum(bool(n) and "=" not in n and n[0] not in "*/." for n in names))
            )
    return found[:1]


def _mutated(calls: Sequence[Call], language: str, count: int) -> list[Call]:
    entry = calls[0].entry
    same = [call for call in calls if call.entry == entry]
    unpack, pack = _UNPACKERS[language], _PACKERS[language]
    seeds: list[tuple[list[object], dict[str, object]]] = [
        ([unpack(one) for one in call.args], dict(call.kwargs)) for call in same
    ]
    made = variants(seeds, count=count, seed=zlib.crc32(repr(seeds).encode()))
    return [Call(entry, tuple(pack(one) for one in args), kwargs) for args, kwargs in made]


def packed_value(value: object) -> object:
    """A plain value of Python as JavaScript's packed one; what has no such form is undefined."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return {"l": [packed_value(one) for one in value]}
    if isinstance(value, dict):
        return {"d": [[str(key), packed_value(one)] for key, one in value.items()]}
    return {"u": 1}


def unpacked_value(value: object) -> object:
    """The plain value of a packed one; undefined and what JSON lacks become None."""
    if not isinstance(value, dict):
        return value
    if "l" in value:
        return [unpacked_value(one) for one in value["l"]]
    if "d" in value:
        return {str(key): unpacked_value(one) for key, one in value["d"]}
    return None


_PACKERS: Mapping[str, Callable[[object], object]] = {
    "python": lambda value: value,
    "javascript": packed_value,
}
_UNPACKERS: Mapping[str, Callable[[object], object]] = {
    "python": lambda value: value,
    "javascript": unpacked_value,
}

"""Carry Python values between processes that do not trust each other. Decides; no I/O.

Only plain data crosses. A value of any other type arrives as `Opaque`, which equals nothing,
so that an object with an `__eq__` of its own cannot pass a test. Standard library only: the
sandbox loads this file by path, before it gives up its rights.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import json
import math
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_DEPTH = 60
MAX_ITEMS = 10_000  # of an iterator; a longer one, which may have no end, does not cross
_INT_LIMIT = 1 << 53


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Stands for a value that does not cross: equal to nothing, and as truthy as it was."""

    type_name: str
    is_true: bool

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash(self.type_name)

    def __bool__(self) -> bool:
        return self.is_true


class Once:
    """Stands for an iterator: gives its items once, and equals nothing but itself."""

    __slots__ = ("_left", "items")

    def __init__(self, items: tuple[object, ...]) -> None:
        self.items = items
        self._left = iter(items)

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        return next(self._left)

    def __repr__(self) -> str:
        return f"Once({self.items!r})"


class Unreadable(ValueError):
    """Bytes that are not an encoded value."""


def encode(value: object) -> bytes:
    """`value` as ASCII bytes that `decode` reads back. Raises RecursionError when too deep."""
    return json.dumps(_pack(value, 0), separators=(",", ":")).encode("ascii")


def decode(data: bytes) -> object:
    """The value that `encode` was given. Raises Unreadable for anything else."""
    try:
        return _unpack(json.loads(data))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ArithmeticError) as error:
        raise Unreadable(f"not an encoded value: {type(error).__name__}") from None


def _pack(value: object, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise RecursionError("value is nested too deeply")
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if isinstance(value, str):
        return str.__str__(value) if kind is str else "".join(value)
    if isinstance(value, int):
        number = int.__index__(value)
        return number if -_INT_LIMIT < number < _INT_LIMIT else {"i": hex(number)}
    if isinstance(value, float):
        return float.__float__(value)
    for base, tag, items in _SEQUENCES:
        if isinstance(value, base):
            return {tag: [_pack(item, depth + 1) for item in items(value)]}
    if isinstance(value, dict):
        pairs = dict.items(value)
        return {"d": [[_pack(k, depth + 1), _pack(v, depth + 1)] for k, v in pairs]}
    if isinstance(value, (bytes, bytearray)):
        return {"b": bytes(value).hex()}
    return _pack_rare(value, depth)


def _pack_rare(value: object, depth: int) -> object:
    if kind_name := _BUILTIN_TYPES.get(id(value)):
        return {"ty": kind_name}
    if type(value) is complex:
        return {"c": [value.real, value.imag]}
    if type(value) is range:
        return {"r": [hex(n) for n in (value.start, value.stop, value.step)]}
    for view, tag in _VIEWS:
        if isinstance(value, view):
            return {tag: [_pack(item, depth + 1) for item in value]}
    if isinstance(value, Iterator):
        items = value.items if type(value) is Once else tuple(islice(value, MAX_ITEMS + 1))
        if len(items) <= MAX_ITEMS:
            return {"it": [_pack(item, depth + 1) for item in items]}
        return {"o": [type(value).__name__[:80], True]}
    for base, tag in _BY_TEXT:
        if type(value) is base:
            return {tag: str(value)}
    if type(value) is datetime.timedelta:
        return {"td": [value.days, value.seconds, value.microseconds]}
    try:
        is_true = bool(value)
    except Exception:  # noqa: BLE001 - a candidate's own __bool__ can raise anything
        is_true = True
    return {"o": [type(value).__name__[:80], is_true]}


def _unpack(data: object) -> object:
    if not isinstance(data, dict):
        if data is None or isinstance(data, (bool, int, float, str)):
            return data
        raise Unreadable("a bare list")
    ((tag, body),) = data.items()
    return _READERS[tag](body)


# With the iterator of the type itself: a candidate's subclass may bring its own.
_SEQUENCES: tuple[tuple[type, str, Callable[[Any], Iterator[object]]], ...] = (
    (list, "l", list.__iter__),
    (tuple, "t", tuple.__iter__),
    (set, "s", set.__iter__),
    (frozenset, "f", frozenset.__iter__),
    (collections.deque, "q", collections.deque.__iter__),
)
_VIEWS = ((KeysView, "dk"), (ItemsView, "di"), (ValuesView, "dv"))
_BY_TEXT = (
    (decimal.Decimal, "n"),
    (fractions.Fraction, "fr"),
    (datetime.datetime, "dt"),
    (datetime.date, "da"),
    (datetime.time, "ti"),
)
_TYPES = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict)
_BUILTIN_TYPES = {id(kind): kind.__name__ for kind in _TYPES}
_TYPES_BY_NAME = {kind.__name__: kind for kind in _TYPES}
_READERS: dict[str, Callable[[Any], object]] = {
    "ty": lambda body: _TYPES_BY_NAME[body],
    "i": lambda body: int(body, 16),
    "l": lambda body: [_unpack(item) for item in body],
    "t": lambda body: tuple(_unpack(item) for item in body),
    # By way of a frozen set, as literals are built, so that both have the same order.
    "s": lambda body: set(frozenset(_unpack(item) for item in body)),
    "f": lambda body: frozenset(_unpack(item) for item in body),
    "q": lambda body: collections.deque(_unpack(item) for item in body),
    "d": lambda body: {_unpack(key): _unpack(item) for key, item in body},
    "dk": lambda body: dict.fromkeys(_unpack(key) for key in body).keys(),
    "di": lambda body: {_unpack(k): _unpack(v) for k, v in (pair["t"] for pair in body)}.items(),
    "dv": lambda body: dict(enumerate(_unpack(item) for item in body)).values(),
    "it": lambda body: Once(tuple(_unpack(item) for item in body)),
    "b": bytes.fromhex,
    "c": lambda body: complex(*body),
    "r": lambda body: range(*(int(number, 16) for number in body)),
    "n": decimal.Decimal,
    "fr": fractions.Fraction,
    "dt": datetime.datetime.fromisoformat,
    "da": datetime.date.fromisoformat,
    "ti": datetime.time.fromisoformat,
    "td": lambda body: datetime.timedelta(*body),
    "o": lambda body: Opaque(str(body[0]), bool(body[1])),
}


def same(left: object, right: object) -> bool:
    """Whether two decoded values are equal, with floats compared to nine digits.

    A list never equals a tuple, as in Python; numbers compare across types; NaN equals NaN. Two
    iterators, or two views of a dictionary's values, are the same where their items are.
    """
    if isinstance(left, Once) and isinstance(right, Once):
        return same(left.items, right.items)
    if isinstance(left, ValuesView) and isinstance(right, ValuesView):
        return same([*left], [*right])
    if isinstance(left, bool) or isinstance(right, bool):
        return left == right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _same_number(left, right)
    if isinstance(left, (list, tuple)) and type(left) is type(right):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    return left == right


def _same_number(left: float, right: float) -> bool:
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    try:
        if math.isnan(left) and math.isnan(right):
            return True
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    except OverflowError:
        return left == right

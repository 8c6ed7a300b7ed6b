"""Decide on inputs that resemble those of a task's tests, by type-aware mutation. No I/O.

After EvalPlus (arXiv:2305.01210): keep the shape and the types of what the tests pass in, vary
the values. The same calls and seed always give the same inputs.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence

from judge.train import values

Call = tuple[list[object], dict[str, object]]
_ATTEMPTS_PER_INPUT = 8
_LONGEST = 40
_LETTERS = string.ascii_letters + string.digits + " _-,.!"


def variants(calls: Sequence[Call], *, count: int, seed: int) -> list[Call]:
    """Up to `count` distinct calls that none of `calls` makes, one to three mutations away."""
    source = random.Random(seed)  # noqa: S311 - inputs, not secrets
    seen = {values.encode(call) for call in calls}
    found: list[Call] = []
    pool = list(calls)
    for _ in range(count * _ATTEMPTS_PER_INPUT):
        if len(found) == count or not pool:
            break
        args, kwargs = source.choice(pool)
        for _ in range(source.randint(1, 3)):
            args, kwargs = _mutate_call(args, kwargs, source)
        key = values.encode((args, kwargs))
        if key not in seen:
            seen.add(key)
            found.append((args, kwargs))
    return found


def _mutate_call(args: list[object], kwargs: dict[str, object], source: random.Random) -> Call:
    names: list[int | str] = [*range(len(args)), *kwargs]
    if not names:
        return args, kwargs
    place = source.choice(names)
    if isinstance(place, int):
        changed = [mutate(arg, source) if i == place else arg for i, arg in enumerate(args)]
        return changed, kwargs
    return args, {**kwargs, place: mutate(kwargs[place], source)}


def mutate(value: object, source: random.Random) -> object:
    """A value of the same type as `value` that is close to it; `value` itself where none is."""
    for kind, change in _BY_TYPE:
        if type(value) is kind:
            return change(value, source)
    return value


def _bool(value: object, source: random.Random) -> object:
    return not value


def _int(value: object, source: random.Random) -> object:
    assert isinstance(value, int)
    size = max(10, abs(value))
    changed = source.choice(
        (value + 1, value - 1, value + source.randint(-5, 5), source.randint(0, size), value // 2)
    )
    # A value that no test has below zero is seldom meant to be below zero.
    return abs(changed) if value >= 0 and source.random() < 0.9 else changed


def _float(value: object, source: random.Random) -> object:
    assert isinstance(value, float)
    changed = source.choice(
        (value + 1, value - 1, value * 2, value / 2, float(round(value)), value + source.random())
    )
    return abs(changed) if value >= 0 and source.random() < 0.9 else changed


def _str(value: object, source: random.Random) -> object:
    assert isinstance(value, str)
    at = source.randrange(len(value)) if value else 0
    letter = source.choice(value) if value and source.random() < 0.6 else source.choice(_LETTERS)
    changes = [
        value[:at] + letter + value[at:],
        value[:at] + letter + value[at + 1 :],
        value[:at] + value[at + 1 :],
        value[:at] + value[at:].swapcase(),
        value[at:] + value[:at],
        value[::-1],
        value + value[:at],
    ]
    return source.choice(changes)[:_LONGEST] if len(value) <= _LONGEST else value[at : at + 1000]


def _items(items: list[object], source: random.Random) -> list[object]:
    at = source.randrange(len(items)) if items else 0
    kind = source.choice(("change", "change", "change", "drop", "repeat", "add", "swap", "reverse"))
    if not items:
        return items
    if kind == "change":
        return [*items[:at], mutate(items[at], source), *items[at + 1 :]]
    if kind == "drop":
        return items[:at] + items[at + 1 :]
    if kind == "repeat":
        return [*items[:at], items[at], *items[at:]]
    if kind == "add":
        return [*items, mutate(items[at], source)]
    if kind == "swap":
        other = source.randrange(len(items))
        changed = list(items)
        changed[at], changed[other] = changed[other], changed[at]
        return changed
    return items[::-1]


def _list(value: object, source: random.Random) -> object:
    assert isinstance(value, list)
    return _items(value, source)


def _tuple(value: object, source: random.Random) -> object:
    assert isinstance(value, tuple)
    return tuple(_items(list(value), source))


def _set(value: object, source: random.Random) -> object:
    assert isinstance(value, set)
    return set(_items(sorted(value, key=repr), source))


def _dict(value: object, source: random.Random) -> object:
    assert isinstance(value, dict)
    if not value:
        return value
    key = source.choice(list(value))
    rest = {k: v for k, v in value.items() if k != key}
    kind = source.choice(("value", "value", "key", "drop"))
    if kind == "value":
        return {**value, key: mutate(value[key], source)}
    return rest if kind == "drop" else {**rest, mutate(key, source): value[key]}


_BY_TYPE: tuple[tuple[type, Callable[[object, random.Random], object]], ...] = (
    (bool, _bool),
    (int, _int),
    (float, _float),
    (str, _str),
    (list, _list),
    (tuple, _tuple),
    (set, _set),
    (dict, _dict),
)

"""Decide what the fields of an entry of a study's configuration hold. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.IGNORECASE)
Fields = Mapping[str, object]


class BadConfig(ValueError):
    """The configuration is wrong: the message names the entry and the remedy."""


def only(one: Fields, where: str, known: tuple[str, ...]) -> None:
    """Raises BadConfig for a field that there is not."""
    unknown = sorted(set(one) - set(known))
    if unknown:
        raise BadConfig(f"{where}: unknown {unknown[0]!r}: expected {', '.join(known)}")


def text(one: Fields, name: str, where: str, *, default: str | None = None) -> str:
    """A text; one without a default may not be empty. Raises BadConfig."""
    value = one.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BadConfig(f"{where}: {name}: expected a text")
    return value


def texts(one: Fields, name: str, where: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """One text or more, of `known` where that is given, each once. Raises BadConfig."""
    value = one.get(name)
    of = f" of {', '.join(known)}" if known else ""
    listed = isinstance(value, list) and value and all(isinstance(told, str) for told in value)
    if not isinstance(value, list) or not listed or (known and not set(value) <= set(known)):
        raise BadConfig(f"{where}: {name}: expected a list{of}")
    return tuple(dict.fromkeys(value))


def name(one: Fields, where: str) -> str:
    """The name of an entry, which can be that of a file too. Raises BadConfig."""
    found = text(one, "name", where)
    if not _NAME.fullmatch(found):
        raise BadConfig(
            f"{where}: name {found!r}: expected letters, digits, dots, dashes and underscores"
        )
    return found


def number(one: Fields, name: str, where: str, default: float, *, least: float = 0.0) -> float:
    """A finite number of `least` or more. Raises BadConfig."""
    value = one.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value < 1e15:
        raise BadConfig(f"{where}: {name}: expected a number of {least:g} or more")
    return float(value)

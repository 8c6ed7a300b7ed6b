"""Decide what the JSON of a delivery holds, field by field, and refuse anything else. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from bot.hooks.types import Malformed

SHA = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
DELIVERY = re.compile(r"[!-~]{1,200}")
LARGEST_NUMBER = 2**31 - 1
LARGEST_ID = 2**63 - 1


def object_in(body: bytes) -> Mapping[str, object]:
    """The JSON object in `body`, refused unless every string in it can be stored."""
    try:
        text = body.decode("utf-8")
        value: object = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8 text") from None
    except UnicodeEncodeError:
        raise Malformed("the body holds half of a surrogate pair") from None
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError:
        raise Malformed("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def inner(outer: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object under `key`. Raises Malformed."""
    value = outer.get(key)
    if not isinstance(value, dict):
        raise Malformed(f"the field {key} is not an object")
    return value


def inner_or_empty(outer: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object under `key`, or an empty one."""
    value = outer.get(key)
    return value if isinstance(value, dict) else {}


def text(outer: Mapping[str, object], key: str) -> str:
    """The string under `key`. Raises Malformed."""
    value = outer.get(key)
    if not isinstance(value, str):
        raise Malformed(f"the field {key} is not a string")
    return value


def text_or_empty(outer: Mapping[str, object], key: str) -> str:
    """The string under `key`, or ""."""
    value = outer.get(key)
    return value if isinstance(value, str) else ""


def whole(outer: Mapping[str, object], key: str, *, largest: int) -> int:
    """The number under `key`, from 1 to `largest`. Raises Malformed."""
    value = outer.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
        raise Malformed(f"the field {key} is not a whole number from 1 to {largest}")
    return value


def matching(pattern: re.Pattern[str], value: str, name: str) -> str:
    """`value`, if all of it matches. Raises Malformed."""
    if not pattern.fullmatch(value):
        raise Malformed(f"{name} is not what a forge sends there")
    return value


def shown(word: str) -> str:
    """A word of the delivery, short and printable enough for an answer and a log."""
    return repr(word[:60])


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(name)

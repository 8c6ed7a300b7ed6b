"""Decide what calls and literals of JavaScript say. No I/O; nothing is run.

Values are packed as `execute.js` packs them: numbers, texts, booleans and null are themselves; a
list is {"l": […]}, an object {"d": [[key, value], …]}, undefined {"u": 1}, and a number that JSON
lacks {"n": its name}.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

_DEFINED = re.compile(
    r"^(?:export\s+(?:default\s+)?)?(?:async\s+)?function\s*\*?\s*([\w$]+)\s*\("
    r"|^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\(|[\w$]+\s*=>)",
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))(?![\w$])"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`)"
    r"|(?P<word>-?[A-Za-z_$][\w$]*)|(?P<mark>[\[\]{}(),:]))",
    re.DOTALL,
)
_WORDS: Mapping[str, object] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": {"u": 1},
    "NaN": {"n": "NaN"},
    "Infinity": {"n": "Infinity"},
    "-Infinity": {"n": "-Infinity"},
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_ESCAPE = re.compile(
    r"\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(.))", re.DOTALL
)


def defined(code: str) -> list[str]:
    """The functions at the top of `code`."""
    return [one or other for one, other in _DEFINED.findall(code)]


def call(text: str) -> tuple[tuple[object, ...], Mapping[str, object]]:
    """The arguments of a call whose arguments are literals. Raises ValueError."""
    reader = _Literals(text)
    if reader.take()[0] != "word":
        raise ValueError("not a call")
    reader.expect("(")
    args = reader.items(")")
    reader.end()
    return tuple(args), {}


def value(text: str) -> object:
    """The packed value of a literal. Raises ValueError."""
    reader = _Literals(text)
    found = reader.value()
    reader.end()
    return found


def same(left: object, right: object) -> bool:
    """Whether two packed values are equal: objects in any order, numbers to nine digits."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        if "d" in left and "d" in right:
            one, other = dict(left["d"]), dict(right["d"])
            return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    return left == right


def is_packed(value: object) -> bool:
    """Whether `value` is a packed one: candidates can have a hand in what comes out of a box."""
    if not isinstance(value, dict):
        return not isinstance(value, list)
    if len(value) != 1:
        return False
    ((tag, body),) = value.items()
    if tag == "l":
        return isinstance(body, list) and all(map(is_packed, body))
    if tag == "d":
        return isinstance(body, list) and all(
            isinstance(pair, list)
            and len(pair) == 2
            and isinstance(pair[0], str)
            and is_packed(pair[1])
            for pair in body
        )
    return isinstance(body, int | str)


def imports(text: str) -> str:
    """Nothing: descriptions in JavaScript load no modules."""
    return ""


class _Literals:
    """Reads literals one after the other; every method raises ValueError where there is none."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._at = 0

    def take(self) -> tuple[str, str]:
        """Kind and text of the next token."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise ValueError("not a literal")
        self._at = found.end()
        return found.lastgroup, found.group(found.lastgroup)

    def expect(self, mark: str) -> None:
        """The next token, which must be `mark`."""
        if self.take() != ("mark", mark):
            raise ValueError(f"no {mark}")

    def end(self) -> None:
        """Nothing may follow."""
        if self._text[self._at :].strip(" \n;"):
            raise ValueError("more than a literal")

    def _is_next(self, mark: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.group("mark") != mark:
            return False
        self._at = found.end()
        return True

    def value(self) -> object:
        """The next value, packed."""
        kind, text = self.take()
        if kind == "number":
            number = float(int(text, 16)) if "x" in text.lower() else float(text)
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        if kind == "text":
            return _unescaped(text[1:-1])
        if kind == "word" and text in _WORDS:
            return _WORDS[text]
        if text == "[":
            return {"l": self.items("]")}
        if text == "{":
            return {"d": self._pairs()}
        raise ValueError("not a literal")

    def items(self, end: str) -> list[object]:
        """Values between commas, up to `end`."""
        found: list[object] = []
        while not self._is_next(end):
            found.append(self.value())
            if not self._is_next(","):
                self.expect(end)
                break
        return found

    def _pairs(self) -> list[object]:
        found: dict[str, object] = {}
        while not self._is_next("}"):
            kind, key = self.take()
            if kind == "mark":
                raise ValueError("not a key")
            name = _unescaped(key[1:-1]) if kind == "text" else key
            self.expect(":")
            found[name] = self.value()
            if not self._is_next(","):
                self.expect("}")
                break
        return [[name, one] for name, one in found.items()]


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        code = found.group(1) or found.group(2) or found.group(3)
        if code:
            number = int(code, 16)
            if number > 0x10FFFF:
                raise ValueError("no such character")
            return chr(number)
        return "" if found.group(4) == "\n" else _ESCAPES.get(found.group(4), found.group(4))

    return _ESCAPE.sub(letter, text)


def packed(calls: object) -> str:
    """`calls` as the text that `execute.js` reads."""
    return json.dumps(calls)

"""Decide on small edits of code in a language without a grammar, token by token. No I/O.

Numbers move by one, operators and words change places with others of their kind, a part between
two pipes is left out or swapped with the next. Words come from the solutions of the same folder, so
that an edit looks like the language. Whether it is wrong is for the tests to say.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from judge.languages import BY_NAME
from judge.train.mutate import drawn

_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=!]=|\S")
_SWAPS: dict[str, tuple[str, ...]] = {
    "<": ("<=", ">"),
    ">": (">=", "<"),
    "<=": ("<", ">="),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "and": ("or",),
    "or": ("and",),
    "true": ("false",),
    "false": ("true",),
    "null": ("0", "empty"),
}


def edits(code: str, language: str, *, words: Sequence[str], seed: str, at_most: int) -> list[str]:
    """Up to `at_most` variants of `code`, one edit each, the same for the same seed.

    words  names that occur in right code of the language

    A language with a grammar gets the mutants of `judge.train.mutate`.
    """
    if language in BY_NAME:
        return [one.code for one in drawn(code, language, seed=seed, at_most=at_most)]
    found = list(dict.fromkeys(one for one in _variants(code, words) if one != code))
    random.Random(seed).shuffle(found)  # noqa: S311 - reproducible, nothing secret
    return found[:at_most]


def words_of(codes: Sequence[str]) -> list[str]:
    """The names in `codes`, without texts, sorted."""
    found = {
        token.group()
        for code in codes
        for token in _TOKEN.finditer(code)
        if re.fullmatch(r"[A-Za-z_]\w*", token.group()) and _is_a_name(code, token.start())
    }
    return sorted(found - set(_SWAPS) - {"if", "then", "else", "end", "as", "reduce", "foreach"})


def _is_a_name(code: str, start: int) -> bool:
    return start == 0 or code[start - 1] not in ".$"


def _variants(code: str, words: Sequence[str]) -> Iterator[str]:
    for token in _TOKEN.finditer(code):
        before, text, after = code[: token.start()], token.group(), code[token.end() :]
        for other in _others(text, words, is_name=_is_a_name(code, token.start())):
            yield before + other + after
    yield from _piped(code)


def _others(text: str, words: Sequence[str], *, is_name: bool) -> Iterator[str]:
    yield from _SWAPS.get(text, ())
    if text.isdigit():
        yield str(int(text) + 1)
        yield str(max(0, int(text) - 1))
    elif text in words and is_name:
        yield from (word for word in words if word != text)
    elif text.startswith('"') and len(text) > 2:
        yield '""'


def _piped(code: str) -> Iterator[str]:
    """Without one of the parts between pipes at the same depth, or with two of them swapped."""
    parts = code.split(" | ")
    for place in range(len(parts)):
        left = " | ".join(parts[:place] + parts[place + 1 :])
        if left and _is_balanced(left):
            yield left
        swapped = [*parts[:place], *parts[place : place + 2][::-1], *parts[place + 2 :]]
        if place + 1 < len(parts) and _is_balanced(" | ".join(swapped)):
            yield " | ".join(swapped)


def _is_balanced(code: str) -> bool:
    depth = 0
    for letter in re.sub(r"\"(?:[^\"\\]|\\.)*\"", "", code):
        depth += (letter in "([{") - (letter in ")]}")
        if depth < 0:
            return False
    return depth == 0

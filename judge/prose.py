"""Decide where code holds words: comments, strings, strings that stand by themselves. No I/O.

Read letter by letter rather than parsed, since what is judged may be a body, a broken file or lines
of a diff. The time it takes grows with the length alone, whatever stands in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

_CLOSE: Mapping[str, str] = {  # after what opens it; none runs over what it has seen once
    "hash": r"[^\n]*+",
    "slash": r"[^\n]*+",
    "dash": r"[^\n]*+",
    "html": r"[^\n]*+",
    "block": r"(?s:.*?)\*/",
    "triple": r'[^"\\]*+(?:(?:\\(?s:.)|"(?!""))[^"\\]*+)*+"""',
    "thrice": r"[^'\\]*+(?:(?:\\(?s:.)|'(?!''))[^'\\]*+)*+'''",
    "double": r'[^"\\\n]*+(?:\\(?s:.)[^"\\\n]*+)*+"',
    "single": r"[^'\\\n]*+(?:\\(?s:.)[^'\\\n]*+)*+'",
    "double_long": r'[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+"',
    "single_long": r"[^'\\]*+(?:\\(?s:.)[^'\\]*+)*+'",
    "verbatim": r'[^"]*+(?:""[^"]*+)*+"',
    "tick": r"[^`\\]*+(?:\\(?s:.)[^`\\]*+)*+`",
    "raw": r"[^`]*+`",
    "letter": r"(?:[^'\\\n]|\\[^\n]{1,9}?)'",
}
_OPEN: Mapping[str, str] = {
    "hash": "#",
    "slash": "//",
    "block": r"/\*",
    "triple": r'"""',
    "thrice": "'''",
    "double": '"',
    "single": "'",
    "double_long": '"',
    "single_long": "'",
    "verbatim": r'(?:@\$?|\$@)"',
    "tick": "`",
    "raw": "`",
    "letter": "'",
}
# Of a language that is not known: a mark counts where words may well begin.
_GUARD = r"(?:^|(?<=[\s+;{}()]))"
_GUARDED: Mapping[str, str] = {
    "hash": _GUARD + "#",
    "slash": _GUARD + "//",
    "block": _GUARD + r"/\*",
    "dash": _GUARD + r"--(?=\s)",
    "html": _GUARD + "<!--",
}
_C_LIKE = ("slash", "block", "double", "letter")
_SCRIPT = ("slash", "block", "double", "single", "tick")
_MARKS_OF: Mapping[str, tuple[str, ...]] = {
    "python": ("hash", "triple", "thrice", "double", "single"),
    "java": ("slash", "block", "triple", "double", "letter"),
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "go": (*_C_LIKE, "raw"),
    "cpp": _C_LIKE,
    "c": _C_LIKE,
    "rust": ("slash", "block", "double_long", "letter"),
    "csharp": ("slash", "block", "verbatim", "triple", "double", "letter"),
    "ruby": ("hash", "double_long", "single_long"),
    "php": ("hash", "slash", "block", "double_long", "single_long"),
}
_UNKNOWN = ("hash", "slash", "block", "dash", "html", "triple", "thrice", "double", "single", "raw")
_COMMENTS = frozenset({"hash", "slash", "dash", "html", "block"})
_ENDS_ANYWHERE = frozenset(
    {"block", "triple", "thrice", "double_long", "single_long", "verbatim", "tick", "raw"}
)
_BRACKETS = re.compile(r"[()\[\]{}]")
_PREFIXES = "rRuUbBfF"
_PREFIX = re.compile(rf"[-+]?[ \t]*[{_PREFIXES}]{{0,2}}")
_SETS = re.compile(
    r"[ \t]+(?:[\w:<>\[\]]+[ \t*&]+){0,4}\$?(\w+)(?:\[\])?(?:[ \t]*:[ \t]*[\w\[\]. |]+?)?"
    r"[ \t]*:?=[ \t]*[rRuUbB]{0,2}"
)
MOST_LINES = 100  # that are looked at for the one around a line
MAX_BEFORE = 200  # characters before a string; who sets a local name needs fewer
_HOLDS_FIELDS = re.compile(r"\b(?:class|struct|interface|enum|namespace|impl|trait|object)\b")


class Kind(Enum):
    """What words in code are."""

    COMMENT = "comment"
    ASIDE = "aside"  # a string that stands by itself, as docstrings do
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of words: `text[start:end]`, the marks around it included.

    first, last  where the words themselves begin and end
    """

    kind: Kind
    start: int
    end: int
    first: int
    last: int


def words_in(text: str, language: str = "") -> Iterator[Words]:
    """The words of `text` in order; lines of comments that follow each other are one."""
    held: Words | None = None
    for found in _each(text, language):
        if held is not None and _continues(text, held, found):
            held = Words(Kind.COMMENT, held.start, found.end, held.first, found.last)
            continue
        if held is not None:
            yield held
        held = found
    if held is not None:
        yield held


def names_in(text: str) -> Counter[str]:
    """How often each name, or other word, stands in `text`."""
    return Counter(re.findall(r"\w+", text))


def unused(text: str, string: Words, names: Mapping[str, int]) -> tuple[int, int] | None:
    """From where to where the statement goes that sets a local name to no more than a string,
    where nothing else in `names` mentions that name; None where that is not so."""
    begin, end = _line_of(text, string)
    if string.start - begin > MAX_BEFORE or text[string.end : end].strip(" \t;"):
        return None
    found = _SETS.fullmatch(text, begin, string.start)
    if found is None or names.get(found[1], 0) > 1:
        return None
    around = _line_around(text, begin)
    return None if around is None or _HOLDS_FIELDS.search(around) else (begin, end)


def _each(text: str, language: str) -> Iterator[Words]:
    names = _MARKS_OF.get(language, _UNKNOWN)
    opening, closing = _opening(language, names)
    brackets: list[str] = []
    hopeless: dict[str, int] = {}  # until where a mark that opens something is never closed
    at = 0
    while (opened := opening.search(text, at)) is not None:
        name, at = str(opened.lastgroup), opened.end()
        if name == "bracket":
            _nest(brackets, opened.group())
            continue
        if hopeless.get(name, 0) > opened.start():
            continue
        closed = closing[name].match(text, at)
        if closed is None:
            if name != "letter":
                line = text.find("\n", at)
                is_long = name in _ENDS_ANYWHERE or line < 0
                hopeless[name] = len(text) if is_long else line
            continue
        is_comment = name in _COMMENTS
        marks = 0 if is_comment else (3 if name in {"triple", "thrice"} else 1)
        found = Words(Kind.STRING, opened.start(), closed.end(), at, closed.end() - marks)
        at = closed.end()
        if is_comment:
            yield Words(Kind.COMMENT, found.start, found.end, found.first, found.last)
        elif _stands_alone(text, found, language, brackets):
            prefix = text[max(0, found.start - 2) : found.start]
            start = found.start - (len(prefix) - len(prefix.rstrip(_PREFIXES)))
            yield Words(Kind.ASIDE, start, found.end, found.first, found.last)
        else:
            yield found


def _opening(
    language: str, names: tuple[str, ...]
) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    table = _OPEN if language in _MARKS_OF else {**_OPEN, **_GUARDED}
    marks = "|".join(f"(?P<{name}>{table[name]})" for name in names)
    opening = re.compile(rf"{marks}|(?P<bracket>{_BRACKETS.pattern})", re.MULTILINE)
    return opening, {name: re.compile(_CLOSE[name]) for name in names}


def _nest(brackets: list[str], bracket: str) -> None:
    if bracket in "([{":
        brackets.append(bracket)
    elif brackets:
        brackets.pop()


def _stands_alone(text: str, string: Words, language: str, brackets: list[str]) -> bool:
    """Whether a string is a statement of its own: nothing can come of it."""
    begin, end = _line_of(text, string)
    if _PREFIX.fullmatch(text, begin, string.start) is None or text[:begin].endswith("\\\n"):
        return False
    after = text[string.end : end].strip()
    if language in {"python", ""}:
        return not brackets and (not after or after[0] in "#;")
    return after.startswith(";") and not (brackets and brackets[-1] in "([")


def _continues(text: str, before: Words, after: Words) -> bool:
    """Whether a comment on a line of its own is followed by one on the next line."""
    if before.kind is not Kind.COMMENT or after.kind is not Kind.COMMENT:
        return False
    between = text[before.end : after.start]
    begin = text.rfind("\n", 0, before.start) + 1
    is_own_line = not text[begin : before.start].strip(" \t+-")
    return is_own_line and re.fullmatch(r"[ \t]*\n[-+]?[ \t]*", between) is not None


def _line_of(text: str, words: Words) -> tuple[int, int]:
    begin = text.rfind("\n", 0, words.start) + 1
    end = text.find("\n", words.end)
    return begin, len(text) if end < 0 else end


def _line_around(text: str, begin: int) -> str | None:
    """The nearest line above that is less indented than the one at `begin`, or None."""
    depth = _depth(text[begin : text.find("\n", begin)])
    for _ in range(MOST_LINES):
        if begin == 0:
            return None
        end, begin = begin - 1, text.rfind("\n", 0, begin - 1) + 1
        line = text[begin:end]
        if line.strip() and _depth(line) < depth:
            return line
    return None


def _depth(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())

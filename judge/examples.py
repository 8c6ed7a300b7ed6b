"""Decide which examples a description shows: calls with the values that they give. No I/O.

Only what can be read in one way counts: a call of a function that the candidates define, with
literals for arguments, beside a literal. Nothing of the description is ever run as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from judge import examples_javascript as javascript
from judge import examples_python as python

MOST = 20  # examples of one task
_LONGEST = 4_000  # characters of a call or of a value
_PROMPT = re.compile(r"^(?:>>>|>)\s+(?=\S)")
_CONTINUED = re.compile(r"^\.\.\.\s?")
_LEADER = re.compile(r"^\s*(?:/\*\*?|\*/|\*+(?!\*)|//+|#+(?!\S))?\s?")
_ENDS = re.compile(r'^\s*(?:$|>>>|>\s|"""|\'\'\'|\*/|@|```)')
_WORD = (
    r"={2,3}|=>|->|→|➞|⇒|(?:should|must|will)\s+(?:return|give|be)|returns?|gives?|yields?|"
    r"evaluates\s+to|equals"
)
_JOINED = re.compile(rf"^`?\s*\)?`?;?\s*(?:(?:#|//)\s*(?:{_WORD})?|{_WORD})\s*:?\s*", re.IGNORECASE)
_ASSERTED = re.compile(r"^\s*,\s*|^\s*\)\s*\.\s*to(?:Be|Equal|StrictEqual)\(\s*")
_ASSERTS = re.compile(r"(?:\bassert(?:\.\w*[eE]qual|Equals?|_eq!?)|\bexpect)\(\s*$")
_OPENS = re.compile(r"(?:^|[\s`])(?:assert\s*\(?|(?:console\.log|print)\(\s*|\(|`)?\s*$")
_OPERATOR = re.compile(r"(?<!^)[-+*/%<>=!~&|^,?\[{.]\s*$")
_TURNED = re.compile(
    r"\b(?:not|never|no|if|unless|instead|except|wrong|invalid)\b|!", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `entry`. Arguments are values of Python, or packed ones of JavaScript."""

    entry: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """An example: what a call must give."""

    call: Call
    expected: object


@dataclass(frozen=True, slots=True)
class Reader:
    """How calls and values of one language are read. Each function raises ValueError.

    defined  names of the functions that a text of code defines
    call     (positional, named) arguments of a call, as its text
    value    the value of a literal
    same     whether two values are equal
    imports  the lines of a description that load modules
    """

    defined: Callable[[str], list[str]]
    call: Callable[[str], tuple[tuple[object, ...], Mapping[str, object]]]
    value: Callable[[str], object]
    same: Callable[[object, object], bool]
    imports: Callable[[str], str]


READERS: Mapping[str, Reader] = {
    "python": Reader(python.defined, python.call, python.value, python.same, python.imports),
    "javascript": Reader(
        javascript.defined, javascript.call, javascript.value, javascript.same, javascript.imports
    ),
}


def examples_of(prompts: Iterable[str], codes: Iterable[str], language: str) -> tuple[Shown, ...]:
    """The examples that the descriptions of one task show, each once, at most MOST.

    codes  the candidates: an example calls a function that one of them defines

    Two examples that contradict each other are none. A language without a reader has none.
    """
    reader = READERS.get(language)
    if reader is None:
        return ()
    names = {name for code in codes for name in reader.defined(code)}
    found: dict[str, Shown | None] = {}
    for prompt in dict.fromkeys(prompts):
        for one in _examples(prompt, names, reader):
            key = repr(one.call)
            before = found.setdefault(key, one)
            if before is not None and not reader.same(before.expected, one.expected):
                found[key] = None
    return tuple(one for one in found.values() if one is not None)[:MOST]


def _examples(prompt: str, names: set[str], reader: Reader) -> Iterator[Shown]:
    lines = [_LEADER.sub("", line, count=1).rstrip() for line in prompt.splitlines()]
    for place, line in enumerate(lines):
        if _PROMPT.match(line):
            call, wanted = _session(lines[place:])
            yield from _read(call, wanted, names, reader)
        elif not _CONTINUED.match(line):
            yield from _told(line, names, reader)


def _session(lines: Sequence[str]) -> tuple[str, str]:
    """A line that is typed at a prompt with those that continue it, and the lines of its answer."""
    typed = [_PROMPT.sub("", lines[0])]
    rest = list(lines[1:])
    while rest and _CONTINUED.match(rest[0]):
        typed.append(_CONTINUED.sub("", rest.pop(0)))
    answer = []
    for line in rest:
        if _ENDS.match(line):
            break
        answer.append(line)
    return "\n".join(typed), "\n".join(answer)


def _told(line: str, names: set[str], reader: Reader) -> Iterator[Shown]:
    """The example in a line such as `f(2) == 4`, `f(2)  # => 4` or "f(2) returns 4"."""
    for before, call, after in _calls(line, names):
        asserted = _ASSERTS.search(before)
        joined = (_ASSERTED if asserted else _JOINED).match(after)
        opens = asserted or (_OPENS.search(before) and not _OPERATOR.search(before.lstrip()))
        if joined is None or _TURNED.search(before) or not opens:
            continue
        wanted = after[joined.end() :].strip()
        if asserted:
            wanted = wanted.rstrip("; ").removesuffix(")")
        yield from _read(call, wanted, names, reader)
        return


def _read(call: str, wanted: str, names: set[str], reader: Reader) -> Iterator[Shown]:
    call, entry = call.strip().rstrip(";"), call.strip().partition("(")[0].strip()
    if entry not in names or not wanted or max(len(call), len(wanted)) > _LONGEST:
        return
    try:
        args, kwargs = reader.call(call)
        expected = _value(wanted, reader)
    except (ValueError, RecursionError, MemoryError):
        return
    yield Shown(Call(entry, args, kwargs), expected)


def _value(wanted: str, reader: Reader) -> object:
    """The literal `wanted`, also in backticks or at the end of a sentence. Raises ValueError."""
    quoted = re.match(r"^`([^`]+)`[.,;]?$", wanted)
    ways = [quoted.group(1)] if quoted else [wanted, wanted.rstrip(".;,`").strip()]
    for way in ways:
        try:
            return reader.value(way)
        except (ValueError, RecursionError, MemoryError):
            continue
    raise ValueError("no literal")


def _calls(line: str, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """What stands before a call, the call, and what stands after it."""
    for found in re.finditer(r"(?<![\w.$])([A-Za-z_$][\w$]*)\s*\(", line):
        if found.group(1) in names:
            end = closing(line, found.end() - 1)
            if end:
                yield line[: found.start()], line[found.start() : end], line[end:]


def closing(text: str, start: int) -> int:
    """The place after the bracket that closes the one at `start`, outside of strings; 0: none."""
    depth, quote, place = 0, "", start
    while place < len(text):
        letter = text[place]
        if quote:
            place += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if not depth:
                return place + 1
        place += 1
    return 0

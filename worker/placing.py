"""Decide where code belongs that a program shows under a change, on no line of it. No I/O.

Other bots put findings into the words of a review: a place such as `src/a.py:12-15`, then the code;
or a small diff; or a whole function. Code that names a place stands there, a diff where its old
lines are, a function in the place of the one with its name. Other functions are judged alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from judge.functions import Function, functions
from judge.languages import BY_NAME, language_of
from judge.types import Snippet, SnippetKind
from worker.jobs import Remark
from worker.suggestions import MAX_BLOCKS, MAX_BODY, Candidate, passages
from worker.text import lines_in
from worker.types import Judged

MAX_LEAD = 2_000  # characters before a block in which its place is looked for
PATH = re.compile(r"[\w.@+-]{1,100}(?:/[\w.@+-]{1,100}){0,20}\.\w{1,10}")
LINES = re.compile(
    r"(?:[:#]\s?|\blines?\s+|\bL)L?(?P<start>\d{1,7})(?:\s?(?:-|–|to)\s?L?(?P<end>\d{1,7}))?",
    re.IGNORECASE,
)
WORDS = {"py": "python", "js": "javascript", "ts": "typescript", "golang": "go", "rb": "ruby",
         "rs": "rust", "c++": "cpp", "cs": "csharp", "c#": "csharp", "kt": "kotlin"}  # fmt: skip

TextOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Placed:
    """What a remark on no line holds.

    on_lines  the same words as remarks on lines of the change, each with one suggestion
    alone     functions that stand on none
    """

    on_lines: tuple[Remark, ...]
    alone: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A block: what stands before it, what it says it is, and its code."""

    lead: str
    info: str
    code: str


def placed(remark: Remark, judged: Sequence[Judged], text_of: TextOf) -> Placed:
    """Where the code in `remark`, which stands on no line, belongs.

    judged   what the newest review of the change read
    text_of  a file as it is now, None where there is none; asked only for files of the change
    """
    on_lines: list[Remark] = []
    alone: list[Candidate] = []
    for one in _shown(remark.body):
        found = _on_lines(one, remark, judged, text_of)
        on_lines += found
        alone += [] if found else _alone(one, remark)
    return Placed(tuple(on_lines), tuple(alone))


def _shown(body: str) -> list[_Shown]:
    return [_Shown(*one) for one in passages(lines_in(body[:MAX_BODY]))][:MAX_BLOCKS]


def _on_lines(
    one: _Shown, remark: Remark, judged: Sequence[Judged], text_of: TextOf
) -> list[Remark]:
    known = sorted({each.snippet.path for each in judged})
    if one.info.startswith("diff"):
        return _where_old_lines_are(one, remark, known, text_of)
    path, span = _place(one.lead, known)
    if path and span:
        return [_standing(remark, path, span, one.code)]
    return list(_namesakes(one, remark, judged))


def _place(lead: str, known: Sequence[str]) -> tuple[str, tuple[int, int] | None]:
    """The last file of the change that `lead` names, and the lines that it names after it."""
    near = lead[-MAX_LEAD:]
    named = [found for found in PATH.finditer(near) if found[0] in known]
    if not named:
        return "", None
    lines = LINES.search(near, named[-1].end())
    if lines is None:
        return named[-1][0], None
    start = max(int(lines["start"]), 1)
    return named[-1][0], (start, max(int(lines["end"] or start), start))


def _where_old_lines_are(
    one: _Shown, remark: Remark, known: Sequence[str], text_of: TextOf
) -> list[Remark]:
    """The diff as a suggestion, where its old lines stand once in one file of the change."""
    old, new = _sides(one.code)
    path, _ = _place(one.lead, known)
    wanted = [path] if path else known
    found = [
        (at, span)
        for at in wanted
        for span in _spans(text_of(at) or "", old)
        if any(map(str.strip, old))
    ]
    return [_standing(remark, *found[0], "\n".join(new))] if len(found) == 1 else []


def _sides(diff: str) -> tuple[list[str], list[str]]:
    lines = [
        line
        for line in diff.split("\n")
        if not line.startswith(("+++", "---", "@@", "diff ", "index "))
    ]
    return (
        [line[1:] for line in lines if not line.startswith("+")],
        [line[1:] for line in lines if not line.startswith("-")],
    )


def _spans(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """First and last line, 1-based, of each place where `wanted` stands."""
    lines = [line.rstrip() for line in text.split("\n")]
    sought = [line.rstrip() for line in wanted]
    ends = range(len(lines) - len(sought) + 1)
    return [(at + 1, at + len(sought)) for at in ends if lines[at : at + len(sought)] == sought]


def _namesakes(one: _Shown, remark: Remark, judged: Sequence[Judged]) -> Iterator[Remark]:
    """Each function of a block, in the place of the one function of the change with its name."""
    language = _language(one.info)
    for code, unit in _functions(one.code, language):
        same = [
            each.snippet
            for each in judged
            if each.snippet.kind is SnippetKind.FUNCTION
            and each.snippet.language == language
            and _last(each.snippet.name) == _last(unit.name)
        ]
        if len(same) == 1:
            yield _standing(remark, same[0].path, (same[0].start_line, same[0].end_line), code)


def _alone(one: _Shown, remark: Remark) -> Iterator[Candidate]:
    language = _language(one.info)
    for code, unit in _functions(one.code, language):
        snippet = Snippet(
            path="",
            language=language,
            start_line=unit.start_line,
            end_line=unit.end_line,
            code=code,
            kind=SnippetKind.FUNCTION,
            name=unit.name,
            prompt=unit.doc,
            changed_lines=tuple(range(unit.start_line, unit.end_line + 1)),
        )
        yield Candidate(snippet, remark.author, remark.id, snippet.fingerprint, code)


def _functions(code: str, language: str) -> Iterator[tuple[str, Function]]:
    """The outermost functions of a block that have names, with their code."""
    end, lines = 0, code.split("\n")
    for unit in functions(code, language) if language else ():
        if unit.name and unit.start_line > end:
            end = unit.end_line
            yield "\n".join(lines[unit.start_line - 1 : end]), unit


def _language(info: str) -> str:
    word = info.split()[0].strip("{}.,") if info.split() else ""
    name = WORDS.get(word, word)
    return name if name in BY_NAME else language_of(f"block.{word}") if word else ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _standing(remark: Remark, path: str, span: tuple[int, int], code: str) -> Remark:
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    body = f"{fence}suggestion\n{code}\n{fence}"
    return replace(remark, path=path, start_line=span[0], end_line=span[1], body=body)

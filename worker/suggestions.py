"""Decide what somebody's suggestion would make of a file, as a snippet to judge. No I/O.

GitHub's and GitLab's suggestion blocks replace whole lines: docs.github.com, "Commenting on a pull
request"; docs.gitlab.com, "Suggest changes", whose `suggestion:-2+1` reaches two lines up and one
down from the line of the comment, at most 100 each way.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.functions import Function, functions
from judge.languages import language_of
from judge.types import Snippet, SnippetKind, Verdict
from worker.jobs import Remark
from worker.text import lines_in

MAX_BODY = 65_536  # characters; no forge takes a longer comment
MAX_BLOCKS = 10  # of one remark
MAX_REACH = 100  # lines up and down; docs.gitlab.com, "Suggest changes"
OPENING = re.compile(r"(?P<pad> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)")
INFO = re.compile(r"suggestion(?::-(?P<up>\d{1,3})\+(?P<down>\d{1,3}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a remark.

    is_suggestion  it is meant to replace lines of the file
    up, down       lines above and below the remark's that it replaces too
    """

    code: str
    is_suggestion: bool
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way in which code of a change could read.

    snippet      the code as it would stand; its line numbers are those after the replacement
    author       who suggests it, "" for the code as it stands
    remark_id    the forge's id of the remark that holds it, "" for the code as it stands
    replaces     fingerprint of the code as it stands, "" where that is no snippet
    replacement  the lines as they were suggested
    """

    snippet: Snippet
    author: str = ""
    remark_id: str = ""
    replaces: str = ""
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate and what the judge says of it, None before it was asked."""

    candidate: Candidate
    verdict: Verdict | None


def blocks(body: str) -> tuple[Block, ...]:
    """The fenced blocks of a remark, in order, at most MAX_BLOCKS."""
    found = []
    for _, info, code in passages(lines_in(body[:MAX_BODY])):
        meant = INFO.fullmatch(info)
        up, down = (int(meant["up"] or 0), int(meant["down"] or 0)) if meant else (0, 0)
        found.append(Block(code, meant is not None, min(up, MAX_REACH), min(down, MAX_REACH)))
    return tuple(found[:MAX_BLOCKS])


def candidates(remark: Remark, text: str, *, prompt: str = "") -> tuple[Candidate, ...]:
    """What each suggestion of `remark` would make of the file with `text`.

    Without a suggestion block, each other block counts as one for the remark's own lines: that
    is how bots that know no suggestions show their code. Empty where the lines are not there.
    """
    shown = blocks(remark.body)
    meant = [block for block in shown if block.is_suggestion] or list(shown)
    found = (_candidate(remark, block, text, prompt) for block in meant)
    return tuple(one for one in found if one is not None)


def standing(remark: Remark, text: str, *, prompt: str = "") -> Candidate | None:
    """The code around the lines of `remark` as it is now."""
    lines = lines_in(text)
    if not 1 <= remark.start_line <= remark.end_line <= len(lines):
        return None
    snippet = _around(remark.path, lines, lines, (remark.start_line, remark.end_line), prompt)
    return Candidate(snippet, replacement=snippet.code, replaces=snippet.fingerprint)


def overlaps(one: Remark, other: Remark) -> bool:
    """Whether two remarks are about common lines."""
    return (
        one.path == other.path
        and one.start_line <= other.end_line
        and other.start_line <= one.end_line
    )


def passages(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each fenced block: the text between it and the one before, its info string, its code.

    An open fence ends with the text.
    """
    lead: list[str] = []
    rest = iter(lines)
    for line in rest:
        opened = OPENING.fullmatch(line)
        if not opened:
            lead.append(line)
            continue
        fence, pad, code = opened["fence"], len(opened["pad"]), []
        for inner in rest:
            end = inner.strip()
            if end.startswith(fence) and not end.strip(fence[0]):
                break
            code.append(inner[min(pad, len(inner) - len(inner.lstrip(" "))) :])
        yield "\n".join(lead), opened["info"].strip().lower(), "\n".join(code)
        lead = []


def _candidate(remark: Remark, block: Block, text: str, prompt: str) -> Candidate | None:
    lines = lines_in(text)
    if not 1 <= remark.start_line <= remark.end_line <= len(lines):
        return None
    start = max(remark.start_line - block.up, 1)
    end = min(remark.end_line + block.down, len(lines))
    new = block.code.split("\n") if block.code else []
    changed = [*lines[: start - 1], *new, *lines[end:]]
    if not changed:
        return None
    now = _around(remark.path, lines, lines, (start, end), prompt)
    last = min(max(start + len(new) - 1, start), len(changed))
    then = _around(remark.path, lines, changed, (min(start, last), last), prompt)
    return Candidate(then, remark.author, remark.id, now.fingerprint, block.code)


def _around(
    path: str, old: Sequence[str], lines: Sequence[str], span: tuple[int, int], prompt: str
) -> Snippet:
    """The function of `lines` around `span`, or those lines alone as a hunk."""
    language = language_of(path)
    unit = _smallest(functions("\n".join(lines), language), span)
    start, end = (unit.start_line, unit.end_line) if unit else span
    code = "\n".join(lines[start - 1 : end])
    diff = "" if unit else "\n".join(difflib.unified_diff(old, lines, lineterm="")) or code or " "
    return Snippet(
        path=path,
        language=language,
        start_line=start,
        end_line=end,
        code=code,
        kind=SnippetKind.FUNCTION if unit else SnippetKind.HUNK,
        name=unit.name if unit else "",
        prompt=(unit.doc if unit else "") or prompt,
        changed_lines=tuple(range(span[0], span[1] + 1)),
        diff=diff,
    )


def _smallest(units: Sequence[Function], span: tuple[int, int]) -> Function | None:
    around = [one for one in units if one.start_line <= span[0] and span[1] <= one.end_line]
    return min(around, key=lambda one: one.end_line - one.start_line, default=None)

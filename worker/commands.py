"""Decide which command a remark holds. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from worker.escape import plain
from worker.text import lines_in

MAX_BODY = 65_536  # characters; no forge takes a longer comment
MAX_WORDS = 300  # characters of what follows the verb
CALL = re.compile(r" {0,3}/gavel(?:[ \t]+(?P<rest>.*))?\s*", re.IGNORECASE)
FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")


class Verb(StrEnum):
    """What can be asked for."""

    REVIEW = "review"
    RANK = "rank"
    EXPLAIN = "explain"
    IGNORE = "ignore"
    ACCEPT = "accept"
    PAUSE = "pause"
    RESUME = "resume"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, and the words after it on its line, plain and short.

    unknown  the word that was given in place of a verb; then the verb is HELP
    """

    verb: Verb
    words: str = ""
    unknown: str = ""


def command_in(body: str) -> Command | None:
    """The first `/gavel …` that stands on a line of its own, in no code and no quote."""
    for line in _own_lines(body[:MAX_BODY]):
        called = CALL.fullmatch(line)
        if called:
            return _command(called["rest"] or "")
    return None


def _command(rest: str) -> Command:
    word, _, words = rest.strip().partition(" ")
    if not word:
        return Command(Verb.HELP)
    try:
        return Command(Verb(word.lower()), plain(words, limit=MAX_WORDS))
    except ValueError:
        return Command(Verb.HELP, unknown=plain(word, limit=40))


def _own_lines(body: str) -> Iterator[str]:
    """The lines outside fences. A quoted line begins with `>` and is never a call."""
    fence = ""
    for line in lines_in(body):
        opened = FENCE.match(line)
        if not fence and opened:
            fence = opened["fence"]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence:
            yield line

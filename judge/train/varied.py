"""Say tasks and answers in other words, so that their wording teaches nothing. Decides; no I/O.

Tasks of benchmarks are told in whole sentences, and models comment much where they are unsure. A
judge that saw nothing else takes a short task, or a comment, for a sign of wrong code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from judge.train.data import DataRow
from judge.train.history_functions import said as words_of

REMARKS = (
    "Compute the result and return it.",
    "Handles the general case.",
    "Helper for the report.",
    "Note that this may be slow.",
    "See the specification.",
    "TODO: tidy this up later.",
)
_HASH = ("python", "ruby")  # languages whose comments begin so; the others' with two slashes
_QUOTES = re.compile(r'"""|\'\'\'|/\*\*?|\*/')
_NO_WORDS = re.compile(r"(?:def|function|class|import|from|public|const|let|var|>>>|@)\b|[>@#{}]")
_ASKING = re.compile(r"^write an? (?:\w+ )?(?:function|method|program) (?:to|that|which) ", re.I)
_NAME = re.compile(r"\b(?:def|function|func|fn)\s+(\w+)")
_SENTENCE = re.compile(r"(?<=[.!?])\s")


def short_of(prompt: str, code: str, pick: random.Random) -> str:
    """The first sentence of `prompt` without "Write a function to", or the words of the name of
    the function; `prompt` where there is neither.
    """
    lines = [line.strip(" *\t") for line in _QUOTES.sub("\n", prompt).split("\n")]
    said = [line for line in lines if line and not _NO_WORDS.match(line)]
    found = _NAME.search(code)
    name = (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", found.group(1)).strip().lower() if found else ""
    )
    sentence = _ASKING.sub("", _SENTENCE.split(said[0])[0]) if said else ""
    choices = [text for text in (sentence, sentence[:1].upper() + sentence[1:], name) if text]
    return pick.choice(choices) if choices else prompt


def remarked(code: str, language: str, pick: random.Random) -> str:
    """`code` with a comment that says nothing before one of its inner lines.

    As it is where that line goes on from the one before, or stands in a text: the comment would be
    no comment, and the label might hold no more.
    """
    lines = code.split("\n")
    inner = [
        place for place, line in enumerate(lines) if place and line[:1] in " \t" and line.strip()
    ]
    if not inner:
        return code
    place = pick.choice(inner)
    margin = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    mark = "#" if language in _HASH else "//"
    noted = "\n".join([*lines[:place], f"{margin}{mark} {pick.choice(REMARKS)}", *lines[place:]])
    goes_on = lines[place - 1].rstrip().endswith("\\")
    return code if goes_on or words_of(noted, language) != words_of(code, language) else noted


def varied(rows: Sequence[DataRow], *, tasks: int, seed: int = 0) -> list[DataRow]:
    """The rows of `tasks` tasks in other words: a short task, a remark in the code, or both.

    A remark comes into every other row, right or wrong, so that it says nothing of the label.
    """
    pick = random.Random(f"varied {seed}")  # noqa: S311 - no secret
    names = sorted({row.task_id for row in rows})
    chosen = {
        name: number % 3 for number, name in enumerate(pick.sample(names, min(tasks, len(names))))
    }
    short: dict[str, str] = {}
    found = []
    for row in sorted(rows, key=lambda row: row.id):
        way = chosen.get(row.task_id)
        if way is None:
            continue
        if way != 1 and row.task_id not in short:
            short[row.task_id] = short_of(row.prompt, row.code, pick)
        noted = way != 0 and pick.random() < 0.5
        code = remarked(row.code, row.language, pick) if noted else row.code
        found.append(replace(row, prompt=short.get(row.task_id, row.prompt), code=code))
    return found


def beside_originals(variants: Sequence[DataRow], rows: Iterable[DataRow]) -> list[DataRow]:
    """Wrong `variants` with the right ones of `rows` that answer the same tasks."""
    asked = {(row.task_id, row.language) for row in variants}
    right = [row for row in rows if row.label == 1 and (row.task_id, row.language) in asked]
    return [*variants, *right]

"""Decide how a reason, which is kept in English, reads in the language of a repository. No I/O."""

from __future__ import annotations

import re
from functools import cache

from worker.escape import prose
from worker.words import Words

# Every reason that the code gives for not judging; braces hold numbers, and words of our own.
MESSAGES = (
    # files: worker.select, worker.file_kinds
    "binary file",
    "submodule",
    "symbolic link",
    "deleted",
    "renamed without changes",
    "copied without changes",
    "empty file",
    "only its mode changed",
    "only deletions",
    "lock file",
    "vendored code",
    "generated code",
    "minified code",
    "test data",
    "no code: project file",
    "no code: documentation",
    "no code: data or configuration",
    "no code: markup or style sheet",
    "no code: media or archive",
    "only imports, comments, constants, declarations or white space changed",
    "ignored by the repository's rules",
    "outside the paths that the repository's rules name",
    "not in a language that the repository's rules name",
    "too large: {added} added lines, at most {most} are judged",
    "too large: {size} kB, at most {most} kB are judged",
    "too large: the forge shows no diff of its {added} added lines",
    "1 snippet not judged: at most {most} of one change are",
    "{left} snippets not judged: at most {most} of one change are",
    "{left} of {total} snippets not judged: at most {most} of one change are",
    # snippets: judge.score, judge.encode
    "there is no code to judge",
    "the code has {size} characters: at most {most} can be judged at once",
    "the code has {size} tokens: at most {most} fit with its task",
    "the code has {size} tokens, fewer than any that the calibration was made on",
    "these lines are no whole function, and the calibration holds for functions",
    "changes are not judged clearly better than by their length yet",
    "the calibration does not hold for an unknown language",
    "the calibration does not hold for {language}",
    "this model has no calibration: train one with `gavel train`",
    "the judge gave no reason",
    # changes: worker.stages, worker.attempt
    "the change is closed",
    "it took longer than the time limit",
    "the model of the judge was missing for too long",
    "given up: a worker died {number} times over it",
)
NUMBER, WORD = r"[\d,]{1,20}", r"[a-z#+ -]{1,40}"


def told(reason: str, say: Words, *, limit: int = 300) -> str:
    """`reason` as a clause in Markdown: translated where it is one of ours, else escaped."""
    clause = reason.strip().rstrip(".")
    for message, pattern in _patterns():
        found = pattern.fullmatch(clause)
        if found is not None:
            return say(message, **found.groupdict())
    return prose(clause, limit=limit)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each message, and what it looks like once its braces are filled in."""
    return tuple((message, re.compile(_pattern(message))) for message in MESSAGES)


def _pattern(message: str) -> str:
    return re.sub(
        r"\\\{(\w+)\\\}",
        lambda found: f"(?P<{found[1]}>{WORD if found[1] == 'language' else NUMBER})",
        re.escape(message),
    )

"""Decide the words of a review: comments, annotations and title. No I/O.

The summary's words are in `worker.summary`, those of single figures in `worker.figures`.
"""

from __future__ import annotations

from collections.abc import Iterable

from worker.escape import plain, shorten
from worker.figures import (
    evidence_words,
    figure,
    fix_block,
    fix_words,
    judged_by,
    lines_of,
    name_of,
    p_words,
)
from worker.marks import fingerprint_mark
from worker.summary import summary
from worker.text import CUT, MAX_COMMENT, MAX_SUMMARY, MAX_TITLE, cut
from worker.types import Annotation, Assessment, Comment, Conclusion, Judged, Review
from worker.words import Words, words_of

__all__ = [
    "CUT",
    "MAX_COMMENT",
    "MAX_SUMMARY",
    "MAX_TITLE",
    "cut",
    "marker",
    "render",
    "title",
    "words",
]

marker = fingerprint_mark


def render(assessment: Assessment, *, max_summary: int = MAX_SUMMARY) -> Review:
    """The review in words: all comments, none resolved. Everything from the change is escaped.

    max_summary  characters that the summary may have
    """
    findings, say = assessment.findings, words_of(assessment.locale)
    return Review(
        comments=tuple(_comment(one, assessment, say) for one in _distinct(findings)),
        resolve=(),
        annotations=tuple(_annotation(one, assessment, say) for one in findings),
        conclusion=assessment.conclusion,
        title=title(assessment),
        summary=cut(summary(assessment, title=title(assessment), say=say), max_summary),
        requires_judgement=assessment.requires_judgement,
        fingerprints=tuple(dict.fromkeys(one.snippet.fingerprint for one in assessment.judged)),
    )


def words(p_correct: float) -> str:
    """A probability of correctness as an English clause: "unlikely to be correct"."""
    return p_words(p_correct, words_of("en"))


def title(assessment: Assessment) -> str:
    """One plain line for the check; it never lets an abstention read as a pass."""
    say = words_of(assessment.locale)
    judged = [one for one in assessment.judged if not one.verdict.abstained]
    abstained = len(assessment.judged) - len(judged)
    if assessment.conclusion is Conclusion.NOT_JUDGED:
        return say("Not judged: Gavel could read none of the new code")
    if assessment.is_silent:
        return say("Gavel recorded its verdicts and shows none: the gate is silent here")
    if not judged:
        return say("Nothing to judge: no code that needs judging was added")
    below = len(assessment.findings) + assessment.hidden
    missed = abstained + sum(one.is_code for one in assessment.skipped)
    rest = say("; {missed} not judged", missed=missed) if missed else ""
    if not below:
        return _none_below(say, len(judged)) + rest
    return (
        say.count(
            "{below} of {number} snippet likely wrong",
            "{below} of {number} snippets likely wrong",
            len(judged),
            below=below,
        )
        + rest
    )


def _none_below(say: Words, judged: int) -> str:
    """That nothing is below the threshold."""
    return say.count(
        "{number} snippet judged, none below the threshold",
        "{number} snippets judged, none below the threshold",
        judged,
    )


def _distinct(findings: Iterable[Judged]) -> list[Judged]:
    """The first finding of each fingerprint: the same code twice in a file is one comment."""
    first: dict[str, Judged] = {}
    for one in findings:
        first.setdefault(one.snippet.fingerprint, one)
    return list(first.values())


def _comment(one: Judged, assessment: Assessment, say: Words) -> Comment:
    snippet, verdict = one.snippet, one.verdict
    threshold = assessment.threshold if one.threshold is None else one.threshold
    block = fix_block(one)
    # A suggestion replaces the lines that its comment stands on.
    start, end = (snippet.start_line, snippet.end_line) if block else lines_of(snippet)
    verdict_words = say(
        "{name} is **{words}**: P(correct) = {figure}, "
        "below this repository's threshold of {threshold}.",
        name=name_of(snippet, say),
        words=p_words(verdict.p_correct, say),
        figure=figure(verdict.p_correct, threshold),
        threshold=f"{threshold:.2f}",
    )
    parts = [
        verdict_words,
        evidence_words(verdict, say),
        fix_words(one.fix, say),
        block,
        judged_by(verdict, say),
        fingerprint_mark(snippet.fingerprint),
    ]
    body = "\n\n".join(part for part in parts if part)
    return Comment(snippet.path, start, end, body, snippet.fingerprint)


def _annotation(one: Judged, assessment: Assessment, say: Words) -> Annotation:
    snippet, p = one.snippet, one.verdict.p_correct
    threshold = assessment.threshold if one.threshold is None else one.threshold
    start, end = lines_of(snippet)
    name = plain(snippet.name, limit=120) or say("lines {start}-{end}", start=start, end=end)
    shown = f"P(correct) = {figure(p, threshold)}"
    message = say(
        "{name} is {words}: {figure}, below the threshold of {threshold}.",
        name=name,
        words=p_words(p, say),
        figure=shown,
        threshold=f"{threshold:.2f}",
    )
    return Annotation(
        path=snippet.path,
        start_line=start,
        end_line=end,
        title=shorten(f"{name}: {shown}", MAX_TITLE),
        message=message,
    )

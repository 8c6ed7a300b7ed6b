"""Decide the words of a review: comments, annotations, title and summary. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judge.types import Snippet
from worker.escape import code_cell, code_span, plain, prose, shorten
from worker.types import Annotation, Assessment, Comment, Conclusion, Judged, Review, Skipped

MAX_COMMENT = 65_536  # characters; seen in public issue threads
MAX_SUMMARY = 65_535  # characters; docs.github.com/rest/checks/runs
MAX_TITLE = 255  # characters of an annotation's title; docs.github.com/rest/checks/runs
MAX_ROWS = 100  # rows of one table, so that a summary stays readable
CUT = "\n\n_The rest is left out: the text is longer than the forge shows._\n"

WORDS = (
    (0.2, "very unlikely to be correct"),
    (0.4, "unlikely to be correct"),
    (0.6, "as likely wrong as correct"),
    (0.8, "likely to be correct"),
    (1.1, "very likely to be correct"),
)


def render(assessment: Assessment, *, max_summary: int = MAX_SUMMARY) -> Review:
    """The review in words: all comments, none resolved. Everything from the change is escaped.

    max_summary  characters that the summary may have
    """
    findings = assessment.findings
    return Review(
        comments=tuple(_comment(one, assessment.threshold) for one in _distinct(findings)),
        resolve=(),
        annotations=tuple(_annotation(one, assessment.threshold) for one in findings),
        conclusion=assessment.conclusion,
        title=title(assessment),
        summary=cut(_summary(assessment), max_summary),
        requires_judgement=assessment.requires_judgement,
        fingerprints=tuple(dict.fromkeys(one.snippet.fingerprint for one in assessment.judged)),
    )


def words(p_correct: float) -> str:
    """A probability of correctness as a clause: "unlikely to be correct"."""
    return next(clause for bound, clause in WORDS if p_correct < bound)


def cut(markdown: str, limit: int) -> str:
    """`markdown`, or its first lines and a sentence that says so, at most `limit` characters."""
    if len(markdown) <= limit:
        return markdown
    kept = markdown[: max(limit - len(CUT), 0)]
    return kept[: kept.rfind("\n") + 1 or None].rstrip("\n") + CUT


def marker(fingerprint: str) -> str:
    """The hidden last line of a comment, by which we know it again."""
    return f"<!-- gavel:fp={fingerprint} -->"


def title(assessment: Assessment) -> str:
    """One plain line for the check; it never lets an abstention read as a pass."""
    judged = [one for one in assessment.judged if not one.verdict.abstained]
    abstained = len(assessment.judged) - len(judged)
    if assessment.conclusion is Conclusion.NOT_JUDGED:
        return "Not judged: Gavel could read none of the new code"
    if assessment.is_silent:
        return "Gavel recorded its verdicts and shows none: the gate is silent here"
    if not judged:
        return "Nothing to judge: no code that needs judging was added"
    below = len(assessment.findings) + assessment.hidden
    missed = abstained + sum(one.is_code for one in assessment.skipped)
    rest = f"; {missed} not judged" if missed else ""
    if not below:
        return f"{_count(len(judged), 'snippet')} judged, none below the threshold{rest}"
    return f"{below} of {_count(len(judged), 'snippet')} likely wrong{rest}"


def _distinct(findings: Iterable[Judged]) -> list[Judged]:
    """The first finding of each fingerprint: the same code twice in a file is one comment."""
    first: dict[str, Judged] = {}
    for one in findings:
        first.setdefault(one.snippet.fingerprint, one)
    return list(first.values())


def _comment(one: Judged, threshold: float) -> Comment:
    snippet = one.snippet
    start, end = _lines(snippet)
    verdict = one.verdict
    body = (
        f"{_name(snippet)} is **{words(verdict.p_correct)}**: "
        f"P(correct) = {_figure(verdict.p_correct, threshold)}, "
        f"below this repository's threshold of {threshold:.2f}.\n\n"
        f"<sub>Judged by {code_span(verdict.model)} from the code alone; no test was run.</sub>\n\n"
        f"{marker(snippet.fingerprint)}"
    )
    return Comment(snippet.path, start, end, body, snippet.fingerprint)


def _annotation(one: Judged, threshold: float) -> Annotation:
    snippet, p = one.snippet, one.verdict.p_correct
    start, end = _lines(snippet)
    name = plain(snippet.name, limit=120) or f"lines {start}-{end}"
    figure = f"P(correct) = {_figure(p, threshold)}"
    return Annotation(
        path=snippet.path,
        start_line=start,
        end_line=end,
        title=shorten(f"{name}: {figure}", MAX_TITLE),
        message=f"{name} is {words(p)}: {figure}, below the threshold of {threshold:.2f}.",
    )


def _lines(snippet: Snippet) -> tuple[int, int]:
    """First and last changed line; an adapter narrows them to one hunk of its diff."""
    changed = snippet.changed_lines
    return (changed[0], changed[-1]) if changed else (snippet.start_line, snippet.end_line)


def _name(snippet: Snippet) -> str:
    if snippet.name:
        return code_span(snippet.name)
    return f"This code (lines {snippet.start_line}-{snippet.end_line})"


def _figure(p: float, threshold: float) -> str:
    """`p` with two digits, or with four where two would make it look like the threshold."""
    return f"{p:.2f}" if f"{p:.2f}" != f"{threshold:.2f}" else f"{p:.4f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _summary(assessment: Assessment) -> str:
    sections = [f"**{title(assessment)}.**", _explanation(assessment)]
    if not assessment.is_silent:
        judged = [one for one in assessment.judged if not one.verdict.abstained]
        abstained = [one for one in assessment.judged if one.verdict.abstained]
        sections += [
            _judged_table(judged, assessment.threshold),
            _abstained_list(abstained),
            _skipped_list(assessment.skipped),
        ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _explanation(assessment: Assessment) -> str:
    if assessment.conclusion is Conclusion.NOT_JUDGED:
        return "This is not a pass: whether the code is correct is unknown."
    sentences = []
    if assessment.conclusion is Conclusion.ADVISED and not assessment.is_silent:
        sentences.append("The gate advises here and does not block the merge.")
    if assessment.hidden and not assessment.is_silent:
        sentences.append(
            f"{_count(assessment.hidden, 'more finding')} "
            f"{'has' if assessment.hidden == 1 else 'have'} no comment: "
            "the limit keeps the worst ones."
        )
    return " ".join(sentences)


def _judged_table(judged: Sequence[Judged], threshold: float) -> str:
    if not judged:
        return ""
    rows = [
        f"| {code_cell(one.snippet.path)} | {one.snippet.start_line}-{one.snippet.end_line} "
        f"| {code_cell(one.snippet.name) if one.snippet.name else ''} "
        f"| {_cell(one.verdict.p_correct, threshold)} |"
        for one in judged[:MAX_ROWS]
    ]
    head = ["| file | lines | function | P(correct) |", "| --- | --- | --- | ---: |"]
    return "\n".join([*head, *rows]) + _more(len(judged) - MAX_ROWS, "snippet")


def _cell(p: float, threshold: float) -> str:
    figure = _figure(p, threshold)
    return f"**{figure}**" if p < threshold else figure


def _abstained_list(abstained: Sequence[Judged]) -> str:
    if not abstained:
        return ""
    rows = [
        f"- {code_span(one.snippet.path)} lines {one.snippet.start_line}-{one.snippet.end_line}: "
        f"{prose(one.verdict.reason or 'the judge gave no reason')}"
        for one in abstained[:MAX_ROWS]
    ]
    more = _more(len(abstained) - MAX_ROWS, "snippet")
    return "\n".join(["Not judged, which is not a pass:", "", *rows]) + more


def _skipped_list(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ""
    rows = [f"- {code_span(one.path)}: {prose(one.reason)}" for one in skipped[:MAX_ROWS]]
    return "\n".join(["Skipped:", "", *rows]) + _more(len(skipped) - MAX_ROWS, "file")


def _more(number: int, noun: str) -> str:
    return f"\n\n… and {_count(number, f'more {noun}')}." if number > 0 else ""

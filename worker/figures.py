"""Decide the words of single figures and clauses of a verdict. No I/O."""

from __future__ import annotations

import re

from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.escape import code_span
from worker.types import Fix, Judged
from worker.words import Words

MAX_FIX = 10_000  # characters: a comment has to hold it whole
WORDS = (
    (0.2, "very unlikely to be correct"),
    (0.4, "unlikely to be correct"),
    (0.6, "as likely wrong as correct"),
    (0.8, "likely to be correct"),
    (1.1, "very likely to be correct"),
)


def p_words(p_correct: float, say: Words) -> str:
    """A probability of correctness as a clause: "unlikely to be correct"."""
    return say(next(clause for bound, clause in WORDS if p_correct < bound))


def figure(p: float, threshold: float) -> str:
    """`p` with two digits, or with four where two would make it look like the threshold."""
    return f"{p:.2f}" if f"{p:.2f}" != f"{threshold:.2f}" else f"{p:.4f}"


def lines_of(snippet: Snippet) -> tuple[int, int]:
    """First and last changed line; an adapter narrows them to one hunk of its diff."""
    changed = snippet.changed_lines
    return (changed[0], changed[-1]) if changed else (snippet.start_line, snippet.end_line)


def name_of(snippet: Snippet, say: Words) -> str:
    """The snippet as the subject of a sentence, in Markdown."""
    if snippet.name:
        return code_span(snippet.name)
    start, end = snippet.start_line, snippet.end_line
    return say("This code (lines {start}-{end})", start=start, end=end)


def span_words(start: int, end: int, say: Words) -> str:
    """One line or several, in a sentence."""
    if start == end:
        return say("line {line}", line=start)
    return say("lines {start}-{end}", start=start, end=end)


def evidence_words(verdict: Verdict, say: Words) -> str:
    """Which lines lower the probability and by how much, or ""."""
    if not verdict.evidence:
        return ""
    shown = "; ".join(_without(one, say) for one in verdict.evidence)
    return say("What lowers it, by leaving lines out: {evidence}.", evidence=shown)


def _without(one: Evidence, say: Words) -> str:
    lines = span_words(one.start_line, one.end_line, say)
    return say("without {lines} it is {figure}", lines=lines, figure=f"{one.p_without:.2f}")


def fix_words(fix: Fix | None, say: Words) -> str:
    """The one suggestion that scores clearly higher, or ""."""
    if fix is None:
        return ""
    return say(
        "The suggestion by {author} on {lines} is clearly likelier to be correct: "
        "P(correct) = {figure}.",
        author=code_span(fix.author),
        lines=span_words(fix.start_line, fix.end_line, say),
        figure=f"{fix.p_correct:.2f}",
    )


def fix_block(one: Judged) -> str:
    """The fix as a suggestion for all lines of the snippet, "" where there is none to apply.

    Text that a reader could not see, or that could end the block, makes none.
    """
    code = one.fix.code if one.fix and one.snippet.kind is SnippetKind.FUNCTION else ""
    is_plain = all(c in "\n\t" or c.isprintable() for c in code)
    if not code or len(code) > MAX_FIX or not is_plain:
        return ""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}suggestion\n{code.rstrip(chr(10))}\n{fence}"


def judged_by(verdict: Verdict, say: Words) -> str:
    """Who judged and from what, in small letters."""
    said = say(
        "Judged by {model} from the code alone; no test was run.", model=code_span(verdict.model)
    )
    return f"<sub>{said}</sub>"

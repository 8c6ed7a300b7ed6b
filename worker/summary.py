"""Decide the words of a review's summary. No I/O. Everything from the change is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from worker.escape import code_cell, code_span, prose
from worker.figures import figure
from worker.gate import Standing
from worker.reasons import told
from worker.repo_config import Gate
from worker.types import Assessment, Conclusion, Judged, Skipped
from worker.words import Words

MAX_ROWS = 100  # rows of one table, so that a summary stays readable
MAX_AGENTS = 5


def summary(assessment: Assessment, *, title: str, say: Words) -> str:
    """What the check and the review say, under `title`."""
    sections = [
        f"**{title}.**",
        _explanation(assessment, say),
        _rules_problem(assessment.rules_problem, say),
        gate_words(assessment.standing, say),
        _agents(assessment.agents, say),
    ]
    if not assessment.is_silent:
        judged = [one for one in assessment.judged if not one.verdict.abstained]
        abstained = [one for one in assessment.judged if one.verdict.abstained]
        sections += [
            _judged_table(judged, assessment.threshold, say),
            _abstained_list(abstained, say),
            _skipped_list(assessment.skipped, say),
        ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _explanation(assessment: Assessment, say: Words) -> str:
    if assessment.conclusion is Conclusion.NOT_JUDGED:
        return say("This is not a pass: whether the code is correct is unknown.")
    if assessment.is_silent:
        return ""
    found = assessment.findings or assessment.hidden
    sentences = []
    if assessment.conclusion is Conclusion.ADVISED and found:
        sentences.append(say("The gate advises here and does not block the merge."))
    elif assessment.conclusion is Conclusion.ADVISED:
        sentences.append(
            say("What was not judged has not passed: whether that code is correct is unknown.")
        )
    if assessment.hidden:
        sentences.append(_hidden(assessment.hidden, say))
    if assessment.dismissed:
        sentences.append(_dismissed(assessment.dismissed, say))
    if assessment.carried:
        sentences.append(_carried(assessment.carried, say))
    return " ".join(sentences)


def _hidden(number: int, say: Words) -> str:
    return say.count(
        "{number} more finding has no comment: the limit keeps the worst ones.",
        "{number} more findings have no comment: the limit keeps the worst ones.",
        number,
    )


def _dismissed(number: int, say: Words) -> str:
    return say.count(
        "{number} finding is left out: people said to ignore it.",
        "{number} findings are left out: people said to ignore them.",
        number,
    )


def _carried(number: int, say: Words) -> str:
    return say.count(
        "{number} verdict is carried over from an earlier head: its code did not change.",
        "{number} verdicts are carried over from an earlier head: their code did not change.",
        number,
    )


def _rules_problem(problem: str, say: Words) -> str:
    if not problem:
        return ""
    return say(
        "The newest rules cannot be used, so the last ones that could hold: {problem}.",
        problem=prose(problem, limit=600),
    )


def gate_words(standing: Standing | None, say: Words) -> str:
    """Where the gate stands, by which rule and evidence; "" where it asks for none."""
    if standing is None or standing.wanted not in {Gate.ADVISE, Gate.BLOCK}:
        return ""
    said = standing.tally
    if standing.wanted is Gate.ADVISE and not (said.judged or standing.is_held_back):
        return ""
    lower, upper = said.interval
    evidence = say(
        "People confirmed {confirmed} of {judged} comments that they judged here: "
        "precision {precision}, 95 % interval {lower} to {upper}.",
        confirmed=said.confirmed,
        judged=said.judged,
        precision=f"{said.precision:.2f}" if said.judged else "?",
        lower=f"{lower:.2f}",
        upper=f"{upper:.2f}",
    )
    rule = say(
        "`{wanted}` needs at least {least} of them and a lower end of {needed}.",
        wanted=standing.wanted.value,
        least=standing.least,
        needed=f"{standing.needed:.2f}",
    )
    stands = say(
        "Gate: the rules ask for `{wanted}`, and it acts as `{gate}`.",
        wanted=standing.wanted.value,
        gate=standing.gate.value,
    )
    return f"{stands} {evidence} {rule}"


def _agents(agents: Sequence[str], say: Words) -> str:
    if not agents:
        return ""
    names = ", ".join(code_span(name, limit=60) for name in agents[:MAX_AGENTS])
    return say("Commits are by coding agents ({names}): their threshold holds.", names=names)


def _judged_table(judged: Sequence[Judged], threshold: float, say: Words) -> str:
    if not judged:
        return ""
    rows = [
        f"| {code_cell(one.snippet.path)} | {one.snippet.start_line}-{one.snippet.end_line} "
        f"| {code_cell(one.snippet.name) if one.snippet.name else ''} "
        f"| {_cell(one, threshold)} |"
        for one in judged[:MAX_ROWS]
    ]
    head = [say("| file | lines | function | P(correct) |"), "| --- | --- | --- | ---: |"]
    return "\n".join([*head, *rows]) + _more_snippets(len(judged) - MAX_ROWS, say)


def _cell(one: Judged, threshold: float) -> str:
    own = threshold if one.threshold is None else one.threshold
    shown = figure(one.verdict.p_correct, own)
    return f"**{shown}**" if one.verdict.p_correct < own else shown


def _abstained_list(abstained: Sequence[Judged], say: Words) -> str:
    if not abstained:
        return ""
    rows = [
        say(
            "- {path} lines {start}-{end}: {reason}",
            path=code_span(one.snippet.path),
            start=one.snippet.start_line,
            end=one.snippet.end_line,
            reason=told(one.verdict.reason or "the judge gave no reason", say),
        )
        for one in abstained[:MAX_ROWS]
    ]
    more = _more_snippets(len(abstained) - MAX_ROWS, say)
    return "\n".join([say("Not judged, which is not a pass:"), "", *rows]) + more


def _skipped_list(skipped: Sequence[Skipped], say: Words) -> str:
    if not skipped:
        return ""
    rows = [f"- {code_span(one.path)}: {told(one.reason, say)}" for one in skipped[:MAX_ROWS]]
    rest = len(skipped) - MAX_ROWS
    more = say.count("… and {number} more file.", "… and {number} more files.", rest)
    return "\n".join([say("Skipped:"), "", *rows]) + (f"\n\n{more}" if rest > 0 else "")


def _more_snippets(rest: int, say: Words) -> str:
    more = say.count("… and {number} more snippet.", "… and {number} more snippets.", rest)
    return f"\n\n{more}" if rest > 0 else ""

"""Decide the words of an answer to a remark. No I/O. Everything from a change is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from judge.types import Snippet, Verdict
from worker.commands import Command, Verb
from worker.conversation import JUDGE, LEFT_OUT
from worker.escape import code_span
from worker.evidence import Piece, weigh
from worker.figures import (
    evidence_words,
    figure,
    judged_by,
    name_of,
    p_words,
    span_words,
)
from worker.jobs import Remark
from worker.marks import answer_mark
from worker.reasons import told
from worker.suggestions import Weighed
from worker.types import Judged
from worker.words import Words

NO_THRESHOLD = -1.0  # a figure that is compared with none
CLEARLY = 0.1  # a smaller difference of P(correct) is none


def signed(words: str, remark: Remark) -> str:
    """An answer with the hidden line by which it is known."""
    return f"{words.rstrip()}\n\n{answer_mark(remark.id)}"


def to_command(command: Command, say: Words, *, about: str, known: Judged | None) -> str:
    """The answer to a command that needs no judging."""
    if command.verb is Verb.HELP:
        return _help(command, say)
    if command.verb is Verb.EXPLAIN:
        return _explained_before(known, say)
    if command.verb in {Verb.IGNORE, Verb.ACCEPT} and not about:
        return say("Say this in answer to one of my comments, so that I know which one is meant.")
    return say(SAID[command.verb])


SAID: Mapping[Verb, str] = {
    Verb.REVIEW: "I judge the newest head again; the check shows when it is done.",
    Verb.PAUSE: "I judge no further heads of this change until somebody says `/gavel resume`.",
    Verb.RESUME: "I judge this change again, beginning with its newest head.",
    Verb.IGNORE: "Noted: this finding is left out from now on, and counts as refuted.",
    Verb.ACCEPT: "Noted: this finding counts as confirmed.",
    Verb.RANK: "There are no lines here with several suggestions to rank.",
}
HELP: Mapping[Verb, str] = {
    Verb.REVIEW: "judge the newest head again",
    Verb.RANK: "order the suggestions for the same lines, the likeliest to be correct first",
    Verb.EXPLAIN: "show which lines lower the probability",
    Verb.IGNORE: "in answer to a comment of mine, with a reason: it is wrong, leave it out",
    Verb.ACCEPT: "in answer to a comment of mine: it is right",
    Verb.PAUSE: "judge no further heads of this change",
    Verb.RESUME: "judge them again",
    Verb.HELP: "show this list",
}


def _help(command: Command, say: Words) -> str:
    unknown = (
        say("I do not know {word}.", word=code_span(command.unknown)) if command.unknown else ""
    )
    rows = [f"- `/gavel {verb.value}`: {say(meaning)}" for verb, meaning in HELP.items()]
    lead = say("What people with write access can ask for, on a line of its own:")
    return "\n\n".join(part for part in (unknown, lead, "\n".join(rows)) if part)


def _explained_before(known: Judged | None, say: Words) -> str:
    if known is None:
        return say("I have no verdict on the code here: say `/gavel review` to have it judged.")
    if known.verdict.abstained:
        return say(
            "{name} was not judged, which is not a pass: {reason}.",
            name=name_of(known.snippet, say),
            reason=told(known.verdict.reason or "the judge gave no reason", say),
        )
    return _explained(known.snippet, known.verdict, say)


def _explained(snippet: Snippet, verdict: Verdict, say: Words) -> str:
    found = evidence_words(verdict, say) or say(
        "No line stands out: leaving out single lines hardly changes it."
    )
    return "\n\n".join([_verdict(snippet, verdict, say), found, judged_by(verdict, say)])


def to_weighed(asked: str, weighed: Sequence[Weighed], say: Words) -> str:
    """The answer once every candidate has its verdict."""
    given = [(one.candidate, one.verdict) for one in weighed if one.verdict is not None]
    if asked == Verb.EXPLAIN.value:
        return _occluded(weighed, say)
    groups = groupby(given, key=lambda one: one[0].replaces)
    parts = [_group([Weighed(*one) for one in group], say) for _, group in groups]
    best = next(verdict for _, verdict in given if verdict is not None)
    lead = say("Likeliest to be correct first:") if asked != JUDGE and parts else ""
    return "\n\n".join(part for part in (lead, *parts, judged_by(best, say)) if part)


def unweighed(reason: str, say: Words) -> str:
    """The answer where nothing could be judged."""
    return say("I could not judge this, which is not a pass: {reason}.", reason=told(reason, say))


def _group(weighed: Sequence[Weighed], say: Words) -> str:
    """What is said of the candidates for the same lines, the best first."""
    ordered = sorted(weighed, key=_merit, reverse=True)
    now = next((one for one in weighed if not one.candidate.author), None)
    if len(weighed) - (now is not None) == 1:
        (suggested,) = (one for one in weighed if one is not now)
        return _single(suggested, now, say)
    rows = [f"{number}. {_row(one, say)}" for number, one in enumerate(ordered, start=1)]
    return "\n".join(rows)


def _single(suggested: Weighed, now: Weighed | None, say: Words) -> str:
    assert suggested.verdict is not None
    words = [_verdict(suggested.candidate.snippet, suggested.verdict, say, is_suggestion=True)]
    known = now.verdict if now is not None else None
    if known is not None and not known.abstained and not suggested.verdict.abstained:
        gain = suggested.verdict.p_correct - known.p_correct
        words.append(say(_compared(gain), figure=f"{known.p_correct:.2f}"))
    return " ".join(words)


def _compared(gain: float) -> str:
    if gain >= CLEARLY:
        return "The code as it stands has {figure}: the suggestion is clearly likelier."
    if gain <= -CLEARLY:
        return "The code as it stands has {figure}, which is clearly likelier."
    return "The code as it stands has {figure}, which is about the same."


def _verdict(snippet: Snippet, verdict: Verdict, say: Words, *, is_suggestion: bool = False) -> str:
    name = name_of(snippet, say)
    if verdict.abstained:
        return say(
            "{name} was not judged, which is not a pass: {reason}.",
            name=name,
            reason=told(verdict.reason or "the judge gave no reason", say),
        )
    message = (
        "With this suggestion, {name} is **{words}**: P(correct) = {figure}."
        if is_suggestion
        else "{name} is **{words}**: P(correct) = {figure}."
    )
    return say(
        message,
        name=name,
        words=p_words(verdict.p_correct, say),
        figure=figure(verdict.p_correct, NO_THRESHOLD),
    )


def _row(one: Weighed, say: Words) -> str:
    author = one.candidate.author
    start, end = one.candidate.snippet.changed_lines[0], one.candidate.snippet.changed_lines[-1]
    who = (
        say(
            "the suggestion by {author} on {lines}",
            author=code_span(author),
            lines=span_words(start, end, say),
        )
        if author
        else say("the code as it stands")
    )
    verdict = one.verdict
    if verdict is None or verdict.abstained:
        return say("{who}: not judged, which is not a pass", who=who)
    return f"{who}: P(correct) = {verdict.p_correct:.2f}, {p_words(verdict.p_correct, say)}"


def _merit(one: Weighed) -> tuple[bool, float, float]:
    verdict = one.verdict
    if verdict is None:
        return (False, 0.0, 0.0)
    return (not verdict.abstained, verdict.p_correct, verdict.logit)


def _occluded(weighed: Sequence[Weighed], say: Words) -> str:
    first, *rest = weighed
    base = first.verdict
    assert base is not None
    pieces, verdicts = [], []
    for one in rest:
        snippet = one.candidate.snippet
        if one.candidate.remark_id == LEFT_OUT and one.verdict is not None:
            pieces.append(Piece(snippet.start_line, snippet.end_line, snippet))
            verdicts.append(one.verdict)
    found = weigh(base, pieces, verdicts)
    verdict = Verdict(base.p_correct, base.logit, base.model, base.abstained, base.reason, found)
    return _explained(first.candidate.snippet, verdict, say)

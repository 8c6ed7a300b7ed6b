"""Decide what a review knows besides verdicts: rules that hold, fixes, what is carried. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judge.types import SnippetKind
from worker.feedback import Feedback, Signal
from worker.repo_config import DEFAULT_RULES, Rules, RulesError, parse_rules
from worker.suggestions import Weighed
from worker.types import Fix, Judged

CLEARLY = 0.2  # a suggestion that raises P(correct) by less is no fix


@dataclass(frozen=True, slots=True)
class Held:
    """The rules that hold.

    text     their text, None for the default ones
    problem  why the newest ones do not hold, one sentence; "" where they do
    """

    rules: Rules
    text: str | None
    problem: str = ""


def rules_that_hold(newest: str | None, *, last_good: str | None) -> Held:
    """The rules in `newest`, or, where they cannot be read, the last ones that could."""
    try:
        return Held(DEFAULT_RULES if newest is None else parse_rules(newest), newest)
    except RulesError as error:
        problem = str(error)
    try:
        rules = DEFAULT_RULES if last_good is None else parse_rules(last_good)
    except RulesError:  # written by a newer version
        return Held(DEFAULT_RULES, None, problem)
    return Held(rules, last_good, problem)


def fixes(judged: Iterable[Judged], suggested: Iterable[Weighed]) -> Mapping[str, Fix]:
    """By fingerprint, the best suggestion for a snippet, where it is clearly better."""
    known = {one.snippet.fingerprint: one.verdict for one in judged if not one.verdict.abstained}
    best: dict[str, Fix] = {}
    for one in suggested:
        candidate, verdict = one.candidate, one.verdict
        now = known.get(candidate.replaces)
        if verdict is None or verdict.abstained or now is None:
            continue
        p, so_far = verdict.p_correct, best.get(candidate.replaces)
        if p - now.p_correct >= CLEARLY and (so_far is None or p > so_far.p_correct):
            lines = candidate.snippet.changed_lines
            is_whole = candidate.snippet.kind is SnippetKind.FUNCTION
            code = candidate.snippet.code if is_whole else ""
            best[candidate.replaces] = Fix(candidate.author, lines[0], lines[-1], p, code)
    return best


def dismissed(given: Iterable[Feedback], number: int) -> frozenset[str]:
    """Fingerprints that people of change `number` said to ignore, by their last word."""
    last: dict[str, Signal] = {}
    for one in given:
        if one.number == number and one.signal in {Signal.IGNORED, Signal.ACCEPTED}:
            last[one.fingerprint] = one.signal
    return frozenset(name for name, signal in last.items() if signal is Signal.IGNORED)


def carried(judged: Iterable[Judged], earlier: Iterable[Judged]) -> frozenset[str]:
    """Fingerprints whose verdict is the one that an earlier head had already."""
    before = {(one.snippet.fingerprint, one.verdict.logit) for one in earlier}
    return frozenset(
        one.snippet.fingerprint
        for one in judged
        if not one.verdict.abstained and (one.snippet.fingerprint, one.verdict.logit) in before
    )

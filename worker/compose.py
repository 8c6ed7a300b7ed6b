"""Decide what to say about a set of verdicts: which findings, how many, how it ends. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.agents import NOBODY, Authorship
from worker.gate import Standing
from worker.repo_config import Gate, Rules
from worker.types import Assessment, Conclusion, Fix, Judged, Skipped

SILENT = frozenset({Gate.OFF, Gate.SHADOW})


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides verdicts. Everything is optional: a diff on a desk has none of it.

    standing       where the gate stands; None: it does what the rules say
    rules_problem  why older rules are used
    agents         what of the change coding agents wrote
    dismissed      fingerprints that people of this change said to ignore
    carried        fingerprints whose verdicts come from an earlier head
    fixes          by fingerprint, what somebody suggests and scores clearly higher
    """

    standing: Standing | None = None
    rules_problem: str = ""
    agents: Authorship = NOBODY
    dismissed: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    fixes: Mapping[str, Fix] = field(default_factory=dict)


NO_CONTEXT = Context()


def compose(
    judged: Iterable[Judged],
    *,
    skipped: Iterable[Skipped],
    rules: Rules,
    context: Context = NO_CONTEXT,
) -> Assessment:
    """The worst snippets below their threshold, at most the limit, and the conclusion.

    Worst means the lowest P(correct), then the lowest logit, then place in the change.
    An abstained verdict is never a finding, and never a pass.
    """
    gate = context.standing.gate if context.standing else rules.gate
    ordered = [_seen(one, rules, context) for one in sorted(judged, key=_badness)]
    left_out = tuple(skipped)
    low = [one for one in ordered if is_finding(one, rules.threshold)]
    below = [one for one in low if one.snippet.fingerprint not in context.dismissed]
    shown = [] if gate in SILENT else below[: rules.limit]
    return Assessment(
        findings=tuple(shown),
        judged=tuple(ordered),
        hidden=len(below) - len(shown),
        skipped=left_out,
        conclusion=_conclude(ordered, below, left_out, gate),
        threshold=rules.threshold,
        requires_judgement=rules.not_judged == "action_required",
        is_silent=gate in SILENT,
        standing=context.standing,
        rules_problem=context.rules_problem,
        agents=context.agents.names if _touch(ordered, context.agents) else (),
        carried=sum(one.snippet.fingerprint in context.carried for one in ordered),
        dismissed=len(low) - len(below),
        locale=rules.locale,
    )


def _seen(one: Judged, rules: Rules, context: Context) -> Judged:
    """With its own threshold, where that differs, and the fix that somebody suggests."""
    by_agent = context.agents.covers(one.snippet.fingerprint)
    own = rules.threshold_for(one.snippet.language, by_agent=by_agent)
    return replace(
        one,
        threshold=own if own != rules.threshold else None,
        fix=context.fixes.get(one.snippet.fingerprint),
    )


def _touch(judged: Sequence[Judged], agents: Authorship) -> bool:
    """Whether agents wrote any of the code that was judged."""
    return any(agents.covers(one.snippet.fingerprint) for one in judged)


def _badness(one: Judged) -> tuple[bool, float, float, str, int]:
    verdict, snippet = one.verdict, one.snippet
    return (verdict.abstained, verdict.p_correct, verdict.logit, snippet.path, snippet.start_line)


def is_finding(one: Judged, threshold: float) -> bool:
    """Whether a snippet is below its own threshold, or below `threshold` where it has none."""
    own = threshold if one.threshold is None else one.threshold
    return not one.verdict.abstained and one.verdict.p_correct < own


def _conclude(
    judged: Sequence[Judged], below: Sequence[Judged], skipped: Sequence[Skipped], gate: Gate
) -> Conclusion:
    """How the review ends. Nothing to judge at all is a pass; code left unjudged is not."""
    unread = [one for one in judged if one.verdict.abstained]
    hides_code = any(one.is_code for one in skipped)
    if len(unread) == len(judged) and (judged or hides_code):
        return Conclusion.NOT_JUDGED
    if gate in SILENT:
        return Conclusion.ADVISED
    if below:
        return Conclusion.FAILED if gate is Gate.BLOCK else Conclusion.ADVISED
    return Conclusion.ADVISED if unread or hides_code else Conclusion.PASSED

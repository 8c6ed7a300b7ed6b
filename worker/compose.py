"""Decide what to say about a set of verdicts: which findings, how many, how it ends. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker.repo_config import Gate, Rules
from worker.types import Assessment, Conclusion, Judged, Skipped

SILENT = frozenset({Gate.OFF, Gate.SHADOW})


def compose(judged: Iterable[Judged], *, skipped: Iterable[Skipped], rules: Rules) -> Assessment:
    """The worst snippets below the threshold, at most the limit, and the conclusion.

    Worst means the lowest P(correct), then the lowest logit, then place in the change.
    An abstained verdict is never a finding, and never a pass.
    """
    ordered = sorted(judged, key=_badness)
    left_out = tuple(skipped)
    below = [one for one in ordered if _is_finding(one, rules.threshold)]
    shown = [] if rules.gate in SILENT else below[: rules.limit]
    return Assessment(
        findings=tuple(shown),
        judged=tuple(ordered),
        hidden=len(below) - len(shown),
        skipped=left_out,
        conclusion=_conclude(ordered, below, left_out, rules.gate),
        threshold=rules.threshold,
        requires_judgement=rules.not_judged == "action_required",
        is_silent=rules.gate in SILENT,
    )


def _badness(one: Judged) -> tuple[bool, float, float, str, int]:
    verdict, snippet = one.verdict, one.snippet
    return (verdict.abstained, verdict.p_correct, verdict.logit, snippet.path, snippet.start_line)


def _is_finding(one: Judged, threshold: float) -> bool:
    return not one.verdict.abstained and one.verdict.p_correct < threshold


def _conclude(
    judged: Sequence[Judged], below: Sequence[Judged], skipped: Sequence[Skipped], gate: Gate
) -> Conclusion:
    """How the review ends. Nothing to judge at all is a pass; code left unjudged is not."""
    if all(one.verdict.abstained for one in judged) and (judged or _hides_code(skipped)):
        return Conclusion.NOT_JUDGED
    if gate in SILENT:
        return Conclusion.ADVISED
    if not below:
        return Conclusion.PASSED
    return Conclusion.FAILED if gate is Gate.BLOCK else Conclusion.ADVISED


def _hides_code(skipped: Sequence[Skipped]) -> bool:
    return any(one.is_code for one in skipped)

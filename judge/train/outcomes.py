"""What can become of a candidate, and which label it earns. Decides; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one candidate.

    name    passed, assertion, exception:TYPE, timeout, compile, harness:TYPE, or unstable
            (passed in one run and not in the next)
    agree   share of the probes on which it answers as the reference does, or None where it did
            not pass or there were no probes
    label   1 correct, 0 wrong, None not known: such a row is dropped
    dropped why the label is not known, or ""
    """

    name: str
    agree: float | None = None
    label: int | None = None
    dropped: str = ""


def judge_task(reference_passes: bool | None, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of one task's candidates with their labels.

    A pass that disagrees with the reference on more than a tenth of the probes is dropped, not
    called wrong: the probes can break what a task leaves unsaid. A task is dropped as a whole
    when its reference fails its tests (None: it was not asked), or when no candidate passes.
    """
    if reference_passes is False:
        return [replace(o, label=None, dropped="reference fails") for o in outcomes]
    if not any(o.name == "passed" for o in outcomes):
        return [replace(o, label=None, dropped="no candidate passes") for o in outcomes]
    return [_judge(outcome) for outcome in outcomes]


def _judge(outcome: Outcome) -> Outcome:
    if outcome.name == "unstable" or outcome.name.startswith("harness"):
        return replace(outcome, label=None, dropped=outcome.name.partition(":")[0])
    if outcome.name != "passed":
        return replace(outcome, label=0, dropped="")
    if outcome.agree is not None and outcome.agree < ENOUGH:
        return replace(outcome, label=None, dropped="disagrees")
    return replace(outcome, label=1, dropped="")

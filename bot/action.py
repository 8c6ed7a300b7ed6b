"""Run a review as a step of GitHub Actions. Acts: forge, the runner's files, standard output.

Where the event is about a pull request and the token may, the review is posted as the App would
post it. Where the token may not, as in a run for a fork, the findings become annotations of the
run; the exit code is the gate's either way.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from bot import reviewing
from bot.action_event import Asked, asked
from bot.action_summary import summary
from bot.formats.annotations import as_annotations
from bot.formats.sarif import as_sarif
from bot.local import find
from bot.problems import Code, CouldNotJudge, WrongUse
from judge.adapter import ADAPTERS
from judge.reliability import FILE, Reliability, parse
from judge.types import Judge
from worker import review as use_cases
from worker.compose import Context, compose
from worker.escape import plain
from worker.forges.base import Forbidden, Forge, Unavailable
from worker.jobs import ChangeRef
from worker.render import title
from worker.types import Assessment, Conclusion

TRIES = 4  # of what an unavailable forge may be asked
LONGEST_WAIT_S = 90.0  # a runner costs money while it waits
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Runner:
    """What the runner tells a step, and where the step answers; None where it may not."""

    event: str
    payload: object
    repo: str
    workspace: Path
    summary: Path | None
    outputs: Path | None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Runner:
        """The runner that the GITHUB_* variables describe. Raises WrongUse outside of one."""
        event = environ.get("GITHUB_EVENT_NAME", "")
        if not event:
            raise WrongUse("this is no run of GitHub Actions: use `gavel review` anywhere else")
        return cls(
            event=event,
            payload=_payload(environ.get("GITHUB_EVENT_PATH", "")),
            repo=environ.get("GITHUB_REPOSITORY", ""),
            workspace=Path(environ.get("GITHUB_WORKSPACE") or "."),
            summary=_path(environ.get("GITHUB_STEP_SUMMARY")),
            outputs=_path(environ.get("GITHUB_OUTPUT")),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: what is said, whether the forge took it, and a sentence about that."""

    assessment: Assessment
    is_posted: bool
    note: str


def run(
    runner: Runner,
    *,
    forge: Forge | None,
    judge: Judge,
    base: str,
    sarif: Path | None,
    pause: Callable[[float], None] = time.sleep,
) -> Code:
    """Judge what the event asks for, say it everywhere, and give the gate's code.

    forge  how to reach the repository, or None without a token
    base   revision that the checkout is compared with where the event is about no pull request
    """
    wanted = asked(runner.event, runner.payload, repo=runner.repo)
    if forge is None or wanted.change is None:
        outcome = locally(runner, wanted, base, judge, note="")
    else:
        found = on_forge(wanted.change, forge, judge, pause)
        if found is None:
            sys.stdout.write("the pull request moved on or is closed: nothing to say here\n")
            return Code.FINE
        outcome = (
            locally(runner, wanted, base, judge, note=found) if isinstance(found, str) else found
        )
    tell(outcome, runner, sarif)
    return code_of(outcome.assessment)


def code_of(assessment: Assessment) -> Code:
    """The gate's code. Not judged passes only where the rules let it, and is said in any case."""
    if assessment.conclusion is Conclusion.FAILED:
        return Code.BLOCKED
    if assessment.conclusion is Conclusion.NOT_JUDGED and assessment.requires_judgement:
        return Code.COULD_NOT_JUDGE
    return Code.FINE


def on_forge(
    change: ChangeRef, forge: Forge, judge: Judge, pause: Callable[[float], None]
) -> Outcome | str | None:
    """The review of a pull request; a sentence where the token may not even read it; None where
    the change has moved on or is closed. Raises CouldNotJudge."""
    try:
        prepared = patiently(lambda: use_cases.prepare(change, forge=forge), pause)
    except Forbidden as refusal:
        return f"The token may not read the pull request: {plain(str(refusal))}."
    except use_cases.CannotJudge as refusal:
        _conclude(change, str(refusal), forge)
        raise CouldNotJudge(str(refusal)) from refusal
    if not isinstance(prepared, use_cases.Prepared):
        return None
    rules = use_cases.rules_in(prepared.rules)
    verdicts = use_cases.score(prepared.snippets, judge=judge)
    scored = use_cases.pair(prepared.snippets, verdicts)
    noted = prepared.notes
    judged = use_cases.with_evidence(scored, judge, rules, agents=noted.agents)
    context = Context(rules_problem=noted.rules_problem, agents=noted.agents)
    assessment = compose(judged, skipped=prepared.skipped, rules=rules, context=context)

    def publish() -> object:
        return use_cases.publish(
            change,
            judged,
            skipped=prepared.skipped,
            rules=rules,
            forge=forge,
            context=context,
        )

    try:
        posted = patiently(publish, pause)
    except Forbidden:
        return Outcome(
            assessment,
            is_posted=False,
            note="The token may not write to the pull request, as in every run for a fork: the "
            "findings are annotations of this run instead.",
        )
    if not isinstance(posted, use_cases.Posted):
        return None
    return Outcome(assessment, is_posted=True, note="")


def patiently(ask: Callable[[], Given], pause: Callable[[float], None]) -> Given:
    """What `ask` gives, asked again after the forge's own delay. Raises Unavailable in the end."""
    for _ in range(TRIES - 1):
        try:
            return ask()
        except Unavailable as error:
            if error.retry_after_s > LONGEST_WAIT_S:
                raise
            pause(error.retry_after_s)
    return ask()


def locally(runner: Runner, wanted: Asked, base: str, judge: Judge, *, note: str) -> Outcome:
    """The review of the checkout against the event's base, or against `base`. Raises WrongUse."""
    since = wanted.base or base
    if not since:
        raise WrongUse(
            f"the event {plain(runner.event)!r} names no commit to compare with: give `base:` in "
            "the step's inputs"
        )
    repository = find(runner.workspace)
    assessment = reviewing.review_tree(repository, since, threshold=None, judge=judge)
    return Outcome(assessment, is_posted=False, note=note)


def tell(outcome: Outcome, runner: Runner, sarif: Path | None) -> None:
    """Say the outcome in the log, in the run's summary, as SARIF and as outputs."""
    assessment = outcome.assessment
    if outcome.is_posted:
        sys.stdout.write(f"{title(assessment)}\n")
    else:
        sys.stdout.write(as_annotations(assessment) + "\n")
    if sarif is not None:
        _write(sarif, as_sarif(assessment, version=version("gavel-bot")) + "\n")
    shown = reliability_of(assessment)
    _append(runner.summary, summary(assessment, note=outcome.note, reliability=shown))
    below = len(assessment.findings) + assessment.hidden
    outputs = {
        "conclusion": assessment.conclusion.value,
        "findings": str(below),
        "posted": "true" if outcome.is_posted else "false",
        "sarif": "" if sarif is None else str(sarif),
    }
    _append(runner.outputs, "".join(f"{name}={value}\n" for name, value in outputs.items()))


def reliability_of(assessment: Assessment, *, adapters: Path = ADAPTERS) -> Reliability | None:
    """What was measured of the judge that spoke, or None where that is not known."""
    names = {one.verdict.model for one in assessment.judged}
    for path in sorted(adapters.glob(f"*/{FILE}")):
        found = parse(path.read_text(encoding="utf-8"))
        if found and found.version and any(name.endswith(f"@{found.version}") for name in names):
            return found
    return None


def _conclude(change: ChangeRef, reason: str, forge: Forge) -> None:
    """Close the check that was announced; the step fails with the same words in any case."""
    try:
        use_cases.conclude(change, reason, forge=forge)
    except (Forbidden, Unavailable) as refusal:
        sys.stderr.write(f"gavel: the check could not be concluded: {plain(str(refusal))}\n")


def _payload(path: str) -> object:
    try:
        value: object = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError) as error:
        raise WrongUse(f"cannot read the event in GITHUB_EVENT_PATH: {error}") from error
    return value


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"cannot write {path}: {error.strerror}") from error


def _append(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise WrongUse(f"cannot write {path}: {error.strerror}") from error

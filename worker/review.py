"""Acts: the use cases of a review. Fetches and posts; every decision is made elsewhere.

Each takes all that it needs as arguments and keeps nothing, so the tasks, the command line
and the tests run the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from judge.diff import DiffError, parse
from judge.types import Example, Judge, Snippet, Verdict
from worker.compose import compose
from worker.forges.base import Forge
from worker.jobs import ChangeRef
from worker.reconcile import reconcile
from worker.render import render
from worker.repo_config import DEFAULT_RULES, RULES_FILE, Rules, RulesError, parse_rules
from worker.select import Selection, select
from worker.types import Assessment, Judged, Published, Skipped
from worker.unjudged import unjudged


class CannotJudge(Exception):
    """The change, or the repository's rules, cannot be read. The message says what and why."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The change has a newer head: the review of this one is not wanted any more."""

    head_sha: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The change is merged or closed: nobody waits for a review."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What there is to judge in a change.

    rules  text of the rules at `base_sha`, None where the repository has none
    diff   the change as it was read
    """

    base_sha: str
    title: str
    rules: str | None
    snippets: tuple[Snippet, ...]
    skipped: tuple[Skipped, ...]
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was said about a change, and the ids that it has there."""

    assessment: Assessment
    published: Published


def prepare(change: ChangeRef, *, forge: Forge) -> Prepared | Moved | Closed:
    """Announce a review of `change` and cut out the snippets to judge.

    Raises CannotJudge, and the forge's Unavailable and Forbidden.
    """
    found = forge.describe(change)
    if found.head_sha != change.head_sha:
        return Moved(found.head_sha)
    if not found.is_open:
        return Closed()
    forge.announce(change)
    text = forge.file(change, RULES_FILE, sha=found.base_sha)
    diff = forge.diff(change)
    chosen = choose(
        diff,
        read=lambda path: forge.file(change, path, sha=change.head_sha),
        rules=rules_in(text),
    )
    return Prepared(found.base_sha, found.title, text, chosen.snippets, chosen.skipped, diff)


def score(snippets: Sequence[Snippet], *, judge: Judge) -> list[Verdict]:
    """One verdict per snippet, in order."""
    return judge.judge([Example.of(snippet) for snippet in snippets])


def publish(
    change: ChangeRef,
    judged: Iterable[Judged],
    *,
    skipped: Iterable[Skipped],
    rules: Rules,
    forge: Forge,
) -> Posted | Moved:
    """Publish a review of `change`, unless its head has moved on. Harmless when repeated."""
    head_sha = forge.describe(change).head_sha
    if head_sha != change.head_sha:
        return Moved(head_sha)
    assessment = compose(judged, skipped=skipped, rules=rules)
    review = reconcile(render(assessment), forge.comments(change))
    return Posted(assessment, forge.publish(change, review))


def conclude(change: ChangeRef, reason: str, *, forge: Forge) -> Published:
    """Conclude the check of a change that could not be judged, saying why. Never a pass."""
    rules = rules_or_default(forge.file(change, RULES_FILE, sha=forge.describe(change).base_sha))
    required = rules.not_judged == "action_required"
    return forge.publish(change, unjudged(reason, requires_judgement=required))


def assess(
    diff: str, *, read: Callable[[str], str | None], judge: Judge, rules: Rules = DEFAULT_RULES
) -> Assessment:
    """Judge a diff without any forge.

    read  gives the text of a file on the new side, or None where there is no such text file

    Raises CannotJudge where the diff cannot be read.
    """
    chosen = choose(diff, read=read, rules=rules)
    verdicts = score(chosen.snippets, judge=judge)
    return compose(pair(chosen.snippets, verdicts), skipped=chosen.skipped, rules=rules)


def review_in_process(change: ChangeRef, *, forge: Forge, judge: Judge) -> Posted | Moved | Closed:
    """Prepare, score and publish in one go, with no queue and no database."""
    prepared = prepare(change, forge=forge)
    if not isinstance(prepared, Prepared):
        return prepared
    return publish(
        change,
        pair(prepared.snippets, score(prepared.snippets, judge=judge)),
        skipped=prepared.skipped,
        rules=rules_in(prepared.rules),
        forge=forge,
    )


def choose(diff: str, *, read: Callable[[str], str | None], rules: Rules) -> Selection:
    """What of a diff is worth judging under `rules`. Raises CannotJudge."""
    try:
        return select(parse(diff), read, rules=rules)
    except DiffError as error:
        raise CannotJudge(f"the diff cannot be read: {error}") from error


def rules_in(text: str | None) -> Rules:
    """The rules in the text of a `.gavel.toml`, or the default ones. Raises CannotJudge."""
    try:
        return DEFAULT_RULES if text is None else parse_rules(text)
    except RulesError as error:
        raise CannotJudge(f"the rules on the base branch cannot be used: {error}") from error


def rules_or_default(text: str | None) -> Rules:
    """The rules where they can be used, else the default ones: for saying that they cannot."""
    try:
        return rules_in(text)
    except CannotJudge:
        return DEFAULT_RULES


def pair(snippets: Sequence[Snippet], verdicts: Sequence[Verdict]) -> tuple[Judged, ...]:
    """Each snippet with its verdict."""
    return tuple(Judged(s, v) for s, v in zip(snippets, verdicts, strict=True))

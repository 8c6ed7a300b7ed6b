"""Acts: the use cases of a review. Fetches and posts; every decision is made elsewhere.

Each takes all that it needs as arguments and keeps nothing, so the tasks, the command line
and the tests run the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from judge.diff import DiffError, parse
from judge.types import Evidence, Example, Judge, Snippet, Verdict
from worker.agents import NOBODY, Authorship
from worker.authorship import authorship
from worker.compose import NO_CONTEXT, SILENT, Context, compose, is_finding
from worker.context import rules_that_hold
from worker.evidence import plans, weigh
from worker.forges.base import Forge
from worker.jobs import ChangeRef
from worker.noted import Notes
from worker.purpose import purpose
from worker.reconcile import reconcile
from worker.render import render
from worker.repo_config import DEFAULT_RULES, RULES_FILE, Rules, RulesError, parse_rules
from worker.select import Selection, select
from worker.types import Assessment, Comment, Judged, Published, Skipped
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

    rules  text of the rules that hold, None where the repository has none
    diff   the change as it was read
    notes  what is to be said besides verdicts
    """

    base_sha: str
    title: str
    rules: str | None
    snippets: tuple[Snippet, ...]
    skipped: tuple[Skipped, ...]
    diff: str
    notes: Notes


@dataclass(frozen=True, slots=True)
class Posted:
    """What was said about a change, and the ids that it has there.

    standing  our comments as they stood before
    """

    assessment: Assessment
    published: Published
    standing: tuple[Comment, ...] = ()


def prepare(
    change: ChangeRef, *, forge: Forge, last_good: str | None = None
) -> Prepared | Moved | Closed:
    """Announce a review of `change` and cut out the snippets to judge.

    last_good  the last rules of the repository that could be read: they hold while the newest
               cannot be

    Raises CannotJudge, and the forge's Unavailable and Forbidden.
    """
    found = forge.describe(change)
    if found.head_sha != change.head_sha:
        return Moved(found.head_sha)
    if not found.is_open:
        return Closed()
    forge.announce(change)
    text = forge.file(change, RULES_FILE, sha=found.base_sha)
    held = rules_that_hold(text, last_good=last_good)
    diff = forge.diff(change)
    chosen = choose(
        diff,
        read=lambda path: forge.file(change, path, sha=change.head_sha),
        rules=held.rules,
        prompt=purpose(found.title, found.body),
    )
    written = authorship(change, chosen.snippets, rules=held.rules.agents, forge=forge)
    return Prepared(
        base_sha=found.base_sha,
        title=found.title,
        rules=held.text,
        snippets=chosen.snippets,
        skipped=chosen.skipped,
        diff=diff,
        notes=Notes(held.problem, found.author, written),
    )


def score(snippets: Sequence[Snippet], *, judge: Judge) -> list[Verdict]:
    """One verdict per snippet, in order."""
    return judge.judge([Example.of(snippet) for snippet in snippets])


def find_evidence(
    judged: Sequence[Judged], *, judge: Judge, rules: Rules, agents: Authorship = NOBODY
) -> dict[int, tuple[Evidence, ...]]:
    """By index in `judged`, the lines that lower the verdicts that get a comment.

    All further readings are made in one go, so that they share what they have in common.
    """
    low = [
        (one.verdict.p_correct, index)
        for index, one in enumerate(judged)
        if is_finding(
            one,
            rules.threshold_for(
                one.snippet.language, by_agent=agents.covers(one.snippet.fingerprint)
            ),
        )
    ]
    shown = [] if rules.gate in SILENT else [index for _, index in sorted(low)[: rules.limit]]
    planned = dict(zip(shown, plans([judged[index].snippet for index in shown]), strict=True))
    pieces = [Example.of(piece.rest) for several in planned.values() for piece in several]
    verdicts = iter(judge.judge(pieces) if pieces else [])
    return {
        index: weigh(judged[index].verdict, several, [next(verdicts) for _ in several])
        for index, several in planned.items()
    }


def publish(
    change: ChangeRef,
    judged: Iterable[Judged],
    *,
    skipped: Iterable[Skipped],
    rules: Rules,
    forge: Forge,
    context: Context = NO_CONTEXT,
) -> Posted | Moved:
    """Publish a review of `change`, unless its head has moved on. Harmless when repeated."""
    head_sha = forge.describe(change).head_sha
    if head_sha != change.head_sha:
        return Moved(head_sha)
    assessment = compose(judged, skipped=skipped, rules=rules, context=context)
    standing = tuple(forge.comments(change))
    review = reconcile(render(assessment), standing)
    return Posted(assessment, forge.publish(change, review), standing)


def conclude(
    change: ChangeRef, reason: str, *, forge: Forge, last_good: str | None = None
) -> Published:
    """Conclude the check of a change that could not be judged, saying why. Never a pass.

    Of a head that is not the newest the check alone is concluded: what is said on the change is
    about the newest.
    """
    found = forge.describe(change)
    text = forge.file(change, RULES_FILE, sha=found.base_sha)
    rules = rules_that_hold(text, last_good=last_good).rules
    required = rules.not_judged == "action_required"
    said = unjudged(reason, requires_judgement=required, locale=rules.locale)
    if found.head_sha != change.head_sha:
        return Published("", forge.conclude(change, said), ())
    return forge.publish(change, said)


def assess(
    diff: str,
    *,
    read: Callable[[str], str | None],
    judge: Judge,
    rules: Rules = DEFAULT_RULES,
    prompt: str = "",
) -> Assessment:
    """Judge a diff without any forge.

    read    gives the text of a file on the new side, or None where there is no such text file
    prompt  what the change is for, for functions without a description of their own

    Raises CannotJudge where the diff cannot be read.
    """
    chosen = choose(diff, read=read, rules=rules, prompt=prompt)
    judged = pair(chosen.snippets, score(chosen.snippets, judge=judge))
    return compose(with_evidence(judged, judge, rules), skipped=chosen.skipped, rules=rules)


def review_in_process(change: ChangeRef, *, forge: Forge, judge: Judge) -> Posted | Moved | Closed:
    """Prepare, score and publish in one go, with no queue and no database."""
    found = prepare(change, forge=forge)
    if not isinstance(found, Prepared):
        return found
    rules, noted = rules_in(found.rules), found.notes
    judged = pair(found.snippets, score(found.snippets, judge=judge))
    return publish(
        change,
        with_evidence(judged, judge, rules, agents=noted.agents),
        skipped=found.skipped,
        rules=rules,
        forge=forge,
        context=Context(rules_problem=noted.rules_problem, agents=noted.agents),
    )


def with_evidence(
    judged: Sequence[Judged], judge: Judge, rules: Rules, *, agents: Authorship = NOBODY
) -> tuple[Judged, ...]:
    """The same, with the lines that lower the verdicts that get a comment."""
    found = find_evidence(judged, judge=judge, rules=rules, agents=agents)
    return tuple(
        replace(one, verdict=replace(one.verdict, evidence=found.get(index, ())))
        for index, one in enumerate(judged)
    )


def choose(
    diff: str, *, read: Callable[[str], str | None], rules: Rules, prompt: str = ""
) -> Selection:
    """What of a diff is worth judging under `rules`. Raises CannotJudge."""
    try:
        return select(parse(diff), read, rules=rules, prompt=prompt)
    except DiffError as error:
        raise CannotJudge(f"the diff cannot be read: {error}") from error


def rules_in(text: str | None) -> Rules:
    """The rules in the text of a `.gavel.toml`, or the default ones. Raises CannotJudge."""
    try:
        return DEFAULT_RULES if text is None else parse_rules(text)
    except RulesError as error:
        raise CannotJudge(f"the rules on the base branch cannot be used: {error}") from error


def pair(snippets: Sequence[Snippet], verdicts: Sequence[Verdict]) -> tuple[Judged, ...]:
    """Each snippet with its verdict."""
    return tuple(Judged(s, v) for s, v in zip(snippets, verdicts, strict=True))

"""Acts: gathers from the database what a review knows besides its verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from worker.compose import Context
from worker.context import carried, dismissed, fixes
from worker.feedback import labels
from worker.feedback_evidence import steady
from worker.gate import Standing
from worker.jobs import ChangeRef
from worker.repo_config import Rules
from worker.store import candidates, feedback, gates, notes, reviews, snippets
from worker.store.reviews import StoredReview
from worker.types import Judged, State

MAX_EARLIER = 5  # reviews of earlier heads that are looked at


def context_of(
    engine: Engine, row: StoredReview, judged: Sequence[Judged], *, rules: Rules
) -> Context:
    """Everything that the words of this review take into account."""
    change, noted = row.change, notes.of_review(engine, row.id)
    given = feedback.of_repo(engine, forge=change.forge, repo=change.repo)
    return Context(
        standing=standing_of(engine, change, rules=rules),
        rules_problem=noted.rules_problem,
        agents=noted.agents,
        dismissed=dismissed(given, change.number),
        carried=carried(judged, _earlier(engine, row)),
        fixes=fixes(judged, candidates.of_change(engine, change)),
    )


def standing_of(engine: Engine, change: ChangeRef, *, rules: Rules) -> Standing:
    """Where the gate of the change's repository stands, by what people said there."""
    given = feedback.of_repo(engine, forge=change.forge, repo=change.repo)
    allowed = gates.lowered(engine, rules, forge=change.forge, repo=change.repo)
    return steady(allowed, labels(given))


def _earlier(engine: Engine, row: StoredReview) -> list[Judged]:
    """What the newest published reviews of earlier heads say."""
    rows = reviews.of_change(
        engine, forge=row.change.forge, repo=row.change.repo, number=row.change.number
    )
    before = [one for one in rows if one.id < row.id and one.state is State.PUBLISHED]
    found = (snippets.judged(engine, one.id) for one in before[-MAX_EARLIER:])
    return [one for judged in found for one in judged]

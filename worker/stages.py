"""Acts: runs one stage of a stored review: claim the row, do the work, move one arrow.

The work comes before the arrow, and the arrow moves with its results in one transaction: a
worker may die at any point, and a stage that runs twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from judge.types import Judge
from worker import metrics
from worker import review as use_cases
from worker.attempt import attempt
from worker.desk import Desk
from worker.forges.base import Forge
from worker.keeping import keep_notes, keep_opinions
from worker.known import context_of
from worker.queue import BrokerDown, Stage
from worker.review import Closed, Moved
from worker.scoring import judge_slice
from worker.store import arrows, history, notes, slices, snippets
from worker.store.reviews import StoredReview
from worker.store.sweep import claim_due, give_back
from worker.taking import take
from worker.telemetry import about
from worker.turns import Turns
from worker.types import State

log = structlog.get_logger("worker")

ENDED = (State.SUPERSEDED, State.FAILED, State.IGNORED)
STARTS_FROM: Mapping[Stage, Sequence[State]] = {
    "prepare": (State.QUEUED,),
    "score": (State.PREPARED,),
    "publish": (State.SCORED,),
    "conclude": ENDED,
}
STAGE_AFTER: Mapping[State, Stage] = {
    state: stage for stage, states in STARTS_FROM.items() for state in states
}
# Stages that take the review whose turn it is; the others are short, or end what was begun.
SHARED: Sequence[Stage] = ("prepare", "score")
# A retry that is due sooner is sent with a delay; a later one is left to the sweep.
LONGEST_DELAY_S = 60.0

ForgeOf = Callable[[StoredReview], Forge]


def prepare(desk: Desk, review_id: int, *, forge_of: ForgeOf) -> None:
    """queued → prepared: read the change and keep the snippets to judge."""

    def work(row: StoredReview) -> None:
        started = desk.clock()
        if notes.is_paused(desk.engine, row.change):
            paused = "reviews of this change are paused until somebody says /gavel resume"
            return _end(desk, replace(row, check_open=True), State.IGNORED, paused)
        kept = notes.kept_rules(desk.engine, row.change)
        found = use_cases.prepare(row.change, forge=forge_of(row), last_good=kept)
        if isinstance(found, Moved):
            return _supersede(desk, row, found)
        if isinstance(found, Closed):
            log.info("ignored: the change is closed")
            return _end(desk, row, State.IGNORED, "the change is closed")
        now = desk.clock()
        keep_notes(desk, row, found)
        moved = arrows.save_prepared(
            desk.engine,
            row.id,
            base_sha=found.base_sha,
            title=found.title,
            rules=found.rules,
            to_judge=found.snippets,
            left_out=found.skipped,
            spent_s=(now - started).total_seconds(),
            now=now,
            due_at=desk.next_send(),
        )
        if moved:
            history.keep_diff(desk.engine, row.id, found.diff)
        return _go_on(desk, row, "score", moved=moved)

    _run(desk, "prepare", review_id, work)


def score(
    desk: Desk, review_id: int, *, judge_of: Callable[[], Judge], is_redelivered: bool = False
) -> None:
    """prepared → scored: judge the snippets, a slice at a time. Touches no forge, has no token.

    is_redelivered  the worker that had this message before is dead
    """

    def work(row: StoredReview) -> None:
        judge = judge_of()
        started = desk.clock()
        limit = (desk.turns or Turns()).slice
        part = slices.next_slice(desk.engine, row.id, limit=limit)
        verdicts = judge_slice(desk, row, part, judge)
        if verdicts is None:
            log.info("stopped: nobody wants these verdicts any more")
            return None
        now = desk.clock()
        metrics.judged(verdicts, (now - started).total_seconds())
        save = slices.save_slice if part.rest else arrows.save_scored
        moved = save(
            desk.engine,
            row.id,
            verdicts,
            first=part.first,
            spent_s=(now - started).total_seconds(),
            now=now,
            due_at=desk.next_send(),
        )
        return _go_on(desk, row, "score" if part.rest else "publish", moved=moved)

    _run(desk, "score", review_id, work, is_forced=is_redelivered)


def publish(desk: Desk, review_id: int, *, forge_of: ForgeOf) -> None:
    """scored → published: say it on the change and conclude its check."""

    def work(row: StoredReview) -> None:
        started = desk.clock()
        judged, rules = snippets.judged(desk.engine, row.id), use_cases.rules_in(row.rules)
        posted = use_cases.publish(
            row.change,
            judged,
            skipped=snippets.left_out(desk.engine, row.id),
            rules=rules,
            forge=forge_of(row),
            context=context_of(desk.engine, row, judged, rules=rules),
        )
        if isinstance(posted, Moved):
            return _supersede(desk, row, posted)
        now = desk.clock()
        moved = arrows.save_published(
            desk.engine,
            row.id,
            posted.published,
            conclusion=posted.assessment.conclusion,
            spent_s=(now - started).total_seconds(),
            now=now,
        )
        keep_opinions(desk, row, posted.standing)
        metrics.published(posted.assessment.conclusion.value)
        log.info("published", conclusion=posted.assessment.conclusion.value, moved=moved)
        return None

    _run(desk, "publish", review_id, work)


def conclude(desk: Desk, review_id: int, *, forge_of: ForgeOf) -> None:
    """Close the check of a review that ended without being published."""

    def work(row: StoredReview) -> None:
        kept = notes.kept_rules(desk.engine, row.change)
        published = use_cases.conclude(row.change, row.reason, forge=forge_of(row), last_good=kept)
        arrows.close_check(desk.engine, row, published, now=desk.clock())
        log.info("check concluded without a verdict")

    _run(desk, "conclude", review_id, work)


def sweep(desk: Desk) -> int:
    """Send every review again that nobody touched in time; returns how many were sent."""
    wait_s = desk.patience.until_sent_again_s
    due = claim_due(desk.engine, now=desk.clock(), wait_s=wait_s)
    for sent, one in enumerate(due):
        try:
            desk.send(STAGE_AFTER[one.state], one.review_id)
        except BrokerDown:
            for unsent in due[sent:]:
                give_back(desk.engine, unsent, now=desk.clock())
            log.warning("the broker is down: reviews wait for the next sweep", reviews=len(due))
            return sent
    return len(due)


def _run(
    desk: Desk,
    stage: Stage,
    review_id: int,
    work: Callable[[StoredReview], None],
    *,
    is_forced: bool = False,
) -> None:
    """Claim a row, do the work, and sort out how it failed."""
    row = _claim(desk, stage, review_id, is_forced=is_forced)
    if row is None:
        return
    with about(delivery_id=row.delivery_id, change=row.change.key, review_id=row.id):
        if row.attempts >= desk.patience.max_attempts:
            _give_up(desk, row, f"given up: a worker died {row.attempts} times over it")
        elif not _begin_again(desk, row, row.state):
            _attempt(desk, row, work)
            if row.state is State.SCORED:
                _begin_again(desk, row, State.PUBLISHED)


def _claim(desk: Desk, stage: Stage, review_id: int, *, is_forced: bool) -> StoredReview | None:
    """The row whose turn it is, or the one that the message names; None where nothing is to do."""
    return take(
        desk,
        STARTS_FROM[stage],
        review_id,
        is_shared=stage in SHARED,
        is_exclusive=stage != "score",
        is_forced=is_forced,
        later=lambda wait_s: _send(desk, stage, review_id, delay_s=wait_s),
    )


def _begin_again(desk: Desk, row: StoredReview, state: State) -> bool:
    """Whether the review stands in `state` and was asked for again since it began: begin anew."""
    is_anew = arrows.begin_again(desk.engine, row.id, state, now=desk.clock())
    if is_anew:
        log.info("asked for again meanwhile: begun anew", state=state.value)
        _send(desk, "prepare", row.id)
    return is_anew


def _attempt(desk: Desk, row: StoredReview, work: Callable[[StoredReview], None]) -> None:
    def counted() -> None:
        with metrics.stage(STAGE_AFTER[row.state], forge=row.change.forge):
            work(row)

    failure = attempt(
        counted,
        touch=lambda: _touch(desk, row),
        patience=desk.patience,
        postponed=row.postponed,
    )
    if failure is None:
        return
    if failure.delay_s is None:
        _give_up(desk, row, failure.reason)
    else:
        _postpone(desk, row, failure.reason, delay_s=failure.delay_s)


def _touch(desk: Desk, row: StoredReview) -> None:
    """Say that the work goes on."""
    now, lease = desk.clock(), timedelta(seconds=desk.patience.lease_s)
    arrows.touch(desk.engine, row, until=now + lease, now=now)


def _postpone(desk: Desk, row: StoredReview, reason: str, *, delay_s: float) -> None:
    """Keep the review as it is, and try the same stage again after `delay_s` seconds."""
    now, wait = desk.clock(), timedelta(seconds=delay_s)
    arrows.postpone(desk.engine, row, reason=reason, not_before=now + wait, now=now)
    log.warning("postponed", delay_s=delay_s, reason=reason)
    if delay_s <= LONGEST_DELAY_S:
        _send(desk, STAGE_AFTER[row.state], row.id, delay_s=delay_s)


def _give_up(desk: Desk, row: StoredReview, reason: str) -> None:
    """End an unfinished review as failed; or leave an ended one's check, which cannot be closed."""
    if row.state in ENDED:
        log.warning("the check cannot be concluded", reason=reason)
        return arrows.close_check(desk.engine, row, None, now=desk.clock())
    log.error("failed", reason=reason)
    metrics.failed(STAGE_AFTER[row.state])
    return _end(desk, replace(row, check_open=True), State.FAILED, reason)


def _end(desk: Desk, row: StoredReview, state: State, reason: str) -> None:
    ended = arrows.end(
        desk.engine, row.id, state, reason=reason, check_open=row.check_open, now=desk.clock()
    )
    if ended and row.check_open:
        _send(desk, "conclude", row.id)


def _supersede(desk: Desk, row: StoredReview, moved: Moved) -> None:
    newer = replace(row.change, head_sha=moved.head_sha)
    wanted = arrows.supersede(desk.engine, row, newer, check_open=row.check_open, now=desk.clock())
    log.info("superseded", head_sha=moved.head_sha)
    if wanted is None:
        return
    _send(desk, "prepare", wanted.review_id)
    if row.check_open:
        _send(desk, "conclude", row.id)


def _go_on(desk: Desk, row: StoredReview, stage: Stage, *, moved: bool) -> None:
    log.info("moved" if moved else "someone else moved it", next=stage)
    if moved:
        _send(desk, stage, row.id)


def _send(desk: Desk, stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
    try:
        desk.send(stage, review_id, delay_s=delay_s)
    except BrokerDown:
        log.warning("the broker is down: the sweep will send it", stage=stage)

"""Acts: answers merge queues. A group is not judged again: its last change was, and that counts.

A queue waits for a required check on the group's head until it gives up, so every group is
answered: as its change's review ended, or as not judged where there was none. No pass is made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker.attempt import attempt
from worker.context import rules_that_hold
from worker.desk import Desk
from worker.forges.base import Forge, Unavailable
from worker.jobs import ChangeRef
from worker.queue import BrokerDown
from worker.repo_config import RULES_FILE
from worker.store import groups
from worker.store.groups import Group, GroupState
from worker.telemetry import about
from worker.types import Conclusion, Review, State

log = structlog.get_logger("worker")

UNFINISHED = frozenset({State.QUEUED, State.PREPARED, State.SCORED})
RETRY_S = 15.0
MAX_WAITS = 9  # waits that double: a quarter of an hour in all; a queue waits for longer

ForgeOf = Callable[[Group], Forge]


@dataclass(frozen=True, slots=True)
class _Answer:
    conclusion: Conclusion
    words: str


WORDS = {
    Conclusion.PASSED: "no finding",
    Conclusion.ADVISED: "findings that do not block",
    Conclusion.FAILED: "findings that block",
    Conclusion.NOT_JUDGED: "not judged",
}


def answer(desk: Desk, group_id: int, *, forge_of: ForgeOf) -> None:
    """Conclude the check on a group's head, once."""
    row = groups.begin(desk.engine, group_id, now=desk.clock())
    if row is None:
        return

    def work() -> None:
        forge = forge_of(row)
        found = _standing(desk, row, forge.describe(row.group).head_sha)
        forge.conclude(row.group, _review(row, found, is_required=_is_required(row, forge)))
        groups.end(desk.engine, row.id, GroupState.ANSWERED, reason=found.words, now=desk.clock())
        log.info("merge group answered", conclusion=found.conclusion.value)

    with about(delivery_id=row.delivery_id, change=row.group.key):
        failure = attempt(work, touch=lambda: None, patience=desk.patience, postponed=row.postponed)
        if failure is None:
            return
        now = desk.clock()
        if failure.delay_s is None:
            log.error("a merge group could not be answered", reason=failure.reason)
            groups.end(desk.engine, row.id, GroupState.FAILED, reason=failure.reason, now=now)
            return
        until = now + timedelta(seconds=failure.delay_s)
        groups.postpone(desk.engine, row.id, until=until, reason=failure.reason, now=now)


def sweep(desk: Desk) -> None:
    """Send every group again that nobody answered in time."""
    for group_id in groups.due(desk.engine, now=desk.clock()):
        try:
            desk.send("group", group_id)
        except BrokerDown:
            return


def _standing(desk: Desk, row: Group, head_sha: str) -> _Answer:
    """How the change's own review ended. Raises Unavailable while it goes on."""
    group = row.group
    change = ChangeRef(group.forge, group.repo, group.number, head_sha)
    found = groups.standing(desk.engine, change)
    if found is None:
        return _Answer(Conclusion.NOT_JUDGED, "it was never reviewed here")
    state, conclusion = found
    if state in UNFINISHED and row.postponed < MAX_WAITS:
        raise Unavailable("the change in the queue is still being judged", retry_after_s=RETRY_S)
    if state is State.PUBLISHED and conclusion is not None:
        return _Answer(conclusion, WORDS[conclusion])
    return _Answer(Conclusion.NOT_JUDGED, "its review did not end with a verdict")


def _is_required(row: Group, forge: Forge) -> bool:
    """Whether the repository wants a person to look at what was not judged."""
    base_sha = forge.describe(row.group).base_sha
    text = forge.file(row.group, RULES_FILE, sha=base_sha)
    return rules_that_hold(text, last_good=None).rules.not_judged == "action_required"


def _review(row: Group, found: _Answer, *, is_required: bool) -> Review:
    title = f"As judged on #{row.group.number}: {found.words}"
    return Review(
        comments=(),
        resolve=(),
        annotations=(),
        conclusion=found.conclusion,
        title=title,
        summary=f"**{title}.**\n\nA group of the merge queue is not judged again.\n",
        requires_judgement=is_required,
    )

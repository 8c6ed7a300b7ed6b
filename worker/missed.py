"""Acts: finds what was missed while no receiver listened, and queues it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker.desk import Desk
from worker.forges.base import ForgeError
from worker.forges.inbox import Inbox, Known, OpenChange
from worker.queue import BrokerDown
from worker.store.missed import MOST, known_repositories, want_if_new

DAYS = 3  # GitHub keeps deliveries so long: docs.github.com/webhooks, redelivering webhooks
KNOWN_DAYS = 90  # a repository that said nothing for so long is not asked about

log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Found:
    """What was missed.

    asked_again  failed deliveries that the forge was asked to repeat
    queued       open changes whose head had no review, by their keys
    problems     what could not be asked, in one sentence each
    """

    asked_again: int
    queued: tuple[str, ...]
    problems: tuple[str, ...]


def reconcile(desk: Desk, inboxes: Sequence[Inbox], *, days: float = DAYS) -> Found:
    """Ask each forge about the last `days` days. Harmless when repeated."""
    asked_again, queued, problems = 0, list[str](), list[str]()
    since = desk.clock() - timedelta(days=days)
    for inbox in inboxes:
        try:
            asked_again += inbox.ask_again(since=since)
        except ForgeError as error:
            problems.append(str(error))
        _queue_open(desk, inbox, days, queued, problems)
    log.info("reconciled", asked_again=asked_again, queued=len(queued), problems=problems)
    return Found(asked_again, tuple(queued), tuple(problems))


def _queue_open(
    desk: Desk, inbox: Inbox, days: float, queued: list[str], problems: list[str]
) -> None:
    """Queue the open changes of each known repository; one that cannot be asked stops no other."""
    now = desk.clock()
    known = known_repositories(desk.engine, inbox.forge, since=now - timedelta(days=KNOWN_DAYS))
    if len(known) == MOST:
        problems.append(f"only the {MOST} repositories that were reviewed last were asked about")
    for repo, installation_id in known:
        try:
            since = now - timedelta(days=days)
            for one in inbox.open_changes([Known(repo, installation_id)], since=since):
                if _queue(desk, one):
                    queued.append(one.change.key)
        except ForgeError as error:
            problems.append(str(error))


def _queue(desk: Desk, one: OpenChange) -> bool:
    """Whether the head had no review and now has one on its way."""
    wanted = want_if_new(
        desk.engine, one.change, installation_id=one.installation_id, now=desk.clock()
    )
    if wanted is None:
        return False
    try:
        desk.send("prepare", wanted.review_id)
    except BrokerDown:
        log.warning("the broker is down: the sweep will send it", change=one.change.key)
    return True

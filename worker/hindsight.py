"""Acts: asks forges what became of judged code, and keeps what later history shows.

The same as `gavel feedback history` finds in a clone, without one: commits of the base branch that
say that they fix or revert are read one by one, and so are the files of code that is old enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache

import structlog

from judge.diff import DiffError, FileDiff, parse
from worker.desk import Desk
from worker.feedback import Feedback, Signal
from worker.feedback_history import FIX, REVERT, Commit, Judged, shown
from worker.forges.base import Forge, ForgeError
from worker.store import feedback, learning, training
from worker.store.reviews import StoredReview
from worker.types import Commit as Landed

DAYS = 14  # within which a fix counts, and after which code that stands was right
LOOKS_BACK = 6  # times DAYS: reviews and commits that are older are left alone
MAX_COMMITS = 100  # of one repository that are read whole, the newest ones
MAX_FILES = 200  # of one repository that are read

ForgeOf = Callable[[StoredReview], Forge]
log = structlog.get_logger("worker")


def look_back(desk: Desk, *, forge_of: ForgeOf, days: int = DAYS) -> int:
    """How many new signals all repositories with published reviews show. Harmless when repeated.

    A repository whose forge cannot be asked now is left for the next time.
    """
    within, kept = timedelta(days=days), 0
    since = desk.clock() - LOOKS_BACK * within
    for row in training.newest_published(desk.engine, since=since):
        try:
            kept += _of_repository(desk, row, forge_of(row), within=within, since=since)
        except ForgeError as error:
            log.warning("history could not be read", repo=row.change.repo, reason=str(error))
    log.info("looked back", signals=kept)
    return kept


def _of_repository(
    desk: Desk, row: StoredReview, forge: Forge, *, within: timedelta, since: datetime
) -> int:
    change, now = row.change, desk.clock()
    told = {
        one.fingerprint
        for one in feedback.of_repo(desk.engine, forge=change.forge, repo=change.repo)
        if not one.author
    }
    open_ = training.published(desk.engine, forge=change.forge, repo=change.repo, since=since)
    judged = [one for one in open_ if one.snippet.fingerprint not in told]
    if not judged:
        return 0
    text_of = _reader(forge, row)
    later = _later(forge, row, forge.landed(change, since=since))
    kept = 0
    for one in judged:
        text = text_of(one.snippet.path) if now - one.at >= within else None
        kept += _keep(desk, row, one, shown(one, later, text, within=within, now=now))
    if kept:
        learning.relearn(desk.engine, forge=change.forge, repo=change.repo, now=now)
    return kept


def _later(forge: Forge, row: StoredReview, landed: Sequence[Landed]) -> list[Commit]:
    """The commits that say that they fix or revert something, with what they change."""
    telling = [one for one in landed if one.at and _title(one) and _tells(_title(one))]
    return [
        Commit(one.sha, _title(one), one.at, _files(forge.commit_diff(row.change, one.sha)))
        for one in telling[-MAX_COMMITS:]
        if one.at is not None
    ]


def _tells(title: str) -> bool:
    return bool(FIX.search(title) or REVERT.search(title))


def _title(commit: Landed) -> str:
    return commit.message.partition("\n")[0]


def _files(diff: str | None) -> Sequence[FileDiff]:
    try:
        return parse(diff) if diff else ()
    except DiffError:
        return ()


def _reader(forge: Forge, row: StoredReview) -> Callable[[str], str | None]:
    """Reads files at the tip of the base branch, each once and only so many."""
    tip = cache(lambda: forge.describe(row.change).base_sha)
    read: dict[str, str | None] = {}

    def text_of(path: str) -> str | None:
        if path not in read and len(read) < MAX_FILES:
            read[path] = forge.file(row.change, path, sha=tip())
        return read.get(path)

    return text_of


def _keep(desk: Desk, row: StoredReview, one: Judged, found: tuple[Signal, str] | None) -> int:
    if found is None:
        return 0
    signal, sha = found
    name, change = one.snippet.fingerprint, row.change
    given = Feedback(
        forge=change.forge,
        delivery_id=f"history:{change.repo}:{name}:{signal.value}"[-200:],
        repo=change.repo,
        number=one.number,
        fingerprint=name,
        signal=signal,
        reason=sha,
    )
    return int(feedback.record(desk.engine, given, now=desk.clock()))

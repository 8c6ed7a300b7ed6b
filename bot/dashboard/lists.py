"""Acts: the pages that list: reviews, repositories, signals, and the state of the installation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.dashboard.access import Viewer
from bot.dashboard.queues import queue_lengths
from bot.dashboard.triage import disputed
from bot.dashboard.web import Board, before, signed_in, viewer
from worker.feedback import TEACHES
from worker.store import feedback, pages
from worker.store.feedback import Kept
from worker.store.pages import ReviewLine
from worker.types import State

PER_PAGE = 25
PER_READ = 100
MOST_SIGNALS = 1_000  # newest ones, among which code that people disagree on is looked for
MOST_DISPUTED = 100  # signals about such code on its page
MOST_READS = 5  # a page costs at most so many reads, however little this person may see


class Numbered(Protocol):
    """A row of a list that is read by id, the newest first."""

    @property
    def id(self) -> int:
        """Where the next read goes on."""
        ...


Row = TypeVar("Row", bound=Numbered)


def add_lists(blueprint: Blueprint, board: Board) -> None:
    """Add the pages that list."""

    @blueprint.get("/")
    @signed_in
    def reviews() -> ResponseReturnValue:
        who, state, repo = viewer(), _state(), _repo(viewer())
        lines, more = visible(
            lambda at, limit: pages.review_lines(
                board.engine, before=at, limit=limit, forge=repo[0], repo=repo[1], state=state
            ),
            lambda line: who.may_see(line.forge, line.repo),
            start=before(),
        )
        return render_template(
            "reviews.html",
            lines=lines,
            more=more,
            state=state,
            repo=repo,
            is_first=before() is None,
            waiting=pages.waiting(board.engine) if who.is_admin else {},
        )

    @blueprint.get("/repositories")
    @signed_in
    def repositories() -> ResponseReturnValue:
        forge, _, repo = request.args.get("after", "")[:600].partition(":")
        found, more = _repositories(board, viewer(), (forge, repo))
        return render_template("repositories.html", found=found, more=more)

    @blueprint.get("/feedback")
    @signed_in
    def signals() -> ResponseReturnValue:
        who, repo = viewer(), _repo(viewer())
        only_disputed = request.args.get("show") == "disputed"

        def read(at: int | None, limit: int) -> list[Kept]:
            return feedback.page(board.engine, before=at, limit=limit, forge=repo[0], repo=repo[1])

        def may_see(one: Kept) -> bool:
            return who.may_see(one.given.forge, one.given.repo)

        if only_disputed:
            newest = [one for one in read(None, MOST_SIGNALS) if may_see(one)]
            kept, more = disputed(newest)[:MOST_DISPUTED], None
        else:
            kept, more = visible(read, may_see, start=before())
        return render_template(
            "feedback.html",
            kept=kept,
            more=more,
            repo=repo,
            only_disputed=only_disputed,
            teaches=TEACHES,
            judged=feedback.subjects(board.engine, [one.given for one in kept]),
        )

    @blueprint.get("/health")
    @signed_in
    def health() -> ResponseReturnValue:
        now = board.clock()
        failed = pages.review_lines(board.engine, before=None, limit=PER_PAGE, state=State.FAILED)
        delivered = pages.delivered(board.engine, limit=PER_PAGE)
        is_admin = viewer().is_admin
        return render_template(
            "health.html",
            waiting=pages.waiting(board.engine),
            counted=pages.COUNTED,
            oldest=pages.oldest_waiting(board.engine),
            held=pages.held(board.engine, now=now),
            overdue=pages.overdue(board.engine, now=now),
            queues=queue_lengths(board.settings.broker_url),
            pulse=pages.pulse(board.engine),
            failed=[one for one in failed if viewer().may_see(one.forge, one.repo)],
            delivered=delivered if is_admin else [],
        )


def visible(
    read: Callable[[int | None, int], Sequence[Row]],
    may_see: Callable[[Row], bool],
    *,
    start: int | None,
) -> tuple[list[Row], int | None]:
    """A page of rows that a person may see, and the id to go on below; None at the end.

    Reads at most `MOST_READS` times, so a page may hold fewer rows and still have a next one.
    """
    rows: list[Row] = []
    at = start
    for _ in range(MOST_READS):
        found = read(at, PER_PAGE + 1 if not rows else PER_READ)
        for row in found:
            if len(rows) == PER_PAGE:
                return rows, at
            at = row.id
            if may_see(row):
                rows.append(row)
        if len(found) < PER_PAGE + 1:
            return rows, None
    return rows, at


def _repositories(
    board: Board, who: Viewer, after: tuple[str, str]
) -> tuple[list[tuple[str, str, ReviewLine]], str]:
    shown: list[tuple[str, str, ReviewLine]] = []
    for _ in range(MOST_READS):
        found = pages.repositories(board.engine, after=after, limit=PER_PAGE + 1)
        for forge, repo, newest in found:
            if len(shown) == PER_PAGE:
                return shown, ":".join(after)
            after = (forge, repo)
            if who.may_see(forge, repo):
                shown.append((forge, repo, newest))
        if len(found) <= PER_PAGE:
            return shown, ""
    return shown, ":".join(after)


def _state() -> State | None:
    asked = request.args.get("state", "")
    return State(asked) if asked in {one.value for one in State} else None


def _repo(who: Viewer) -> tuple[str, str]:
    """The repository that a list is narrowed to, ("", "") for none or one that is not theirs."""
    forge, _, repo = request.args.get("repo", "")[:600].partition(":")
    return (forge, repo) if repo and who.may_see(forge, repo) else ("", "")

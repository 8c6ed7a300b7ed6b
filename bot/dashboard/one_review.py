"""Acts: the page of one review: both sides of its diff, verdicts, timings, events."""

from __future__ import annotations

from itertools import pairwise

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from bot.dashboard import sides
from bot.dashboard.web import LARGEST_ID, Board, must, signed_in, viewer
from worker.context import rules_that_hold
from worker.store import feedback, history, notes, reviews, snippets
from worker.store.reviews import StoredReview

STAGES = (("prepare", "prepare_s"), ("score", "score_s"), ("publish", "publish_s"))


def add_review(blueprint: Blueprint, board: Board) -> None:
    """Add the page of one review."""

    @blueprint.get("/reviews/<int:review_id>")
    @signed_in
    def review(review_id: int) -> ResponseReturnValue:
        row = reviews.get(board.engine, review_id) if review_id <= LARGEST_ID else None
        if row is None:
            abort(404)
        change = row.change
        must(viewer().may_see(change.forge, change.repo))
        threshold = rules_that_hold(row.rules, last_good=None).rules.threshold
        judged = snippets.judged(board.engine, review_id)
        told = [sides.note(one, threshold=threshold) for one in judged]
        left_out = snippets.left_out(board.engine, review_id)
        diff = history.diff(board.engine, review_id)
        names = {one.snippet.fingerprint for one in told}
        return render_template(
            "review.html",
            row=row,
            threshold=threshold,
            notes=sorted(told, key=_worst_first),
            files=sides.files(diff, told, left_out),
            has_diff=bool(diff),
            skipped=left_out,
            events=history.events(board.engine, review_id),
            others=_others(board, row),
            remarks=notes.of_review(board.engine, review_id),
            said=feedback.about(board.engine, names, forge=change.forge, repo=change.repo),
            may_judge=viewer().may_judge(change.forge, change.repo),
            stages=[(name, getattr(row, column)) for name, column in STAGES],
        )


def _others(board: Board, row: StoredReview) -> tuple[StoredReview | None, StoredReview | None]:
    """The reviews of the change's heads before and after this one."""
    change = row.change
    every = reviews.of_change(
        board.engine, forge=change.forge, repo=change.repo, number=change.number
    )
    earlier = next((one for one, then in pairwise(every) if then.id == row.id), None)
    later = next((then for one, then in pairwise(every) if one.id == row.id), None)
    return earlier, later


def _worst_first(note: sides.Note) -> tuple[bool, float]:
    return note.verdict.abstained, note.verdict.p_correct

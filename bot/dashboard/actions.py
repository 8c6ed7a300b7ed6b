"""Acts: what people do on the pages: judge a comment, take signals back, move a gate."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from bot.dashboard.web import LARGEST_ID, Board, must, safe_path, signed_in, viewer
from worker.feedback import Feedback, Signal
from worker.repo_config import Gate
from worker.store import feedback, gates, learning, notes, reviews, snippets

SAID = {"wrong": Signal.ACCEPTED, "right": Signal.IGNORED}
MOST_REASON = 500


def add_actions(blueprint: Blueprint, board: Board) -> None:
    """Add what changes something. Every form carries the session's token."""

    @blueprint.post("/reviews/<int:review_id>/say/<fingerprint>")
    @signed_in
    def say(review_id: int, fingerprint: str) -> ResponseReturnValue:
        row = reviews.get(board.engine, review_id) if review_id <= LARGEST_ID else None
        if row is None:
            abort(404)
        change, who = row.change, viewer()
        must(who.may_see(change.forge, change.repo))
        must(who.may_judge(change.forge, change.repo), 403)
        signal = SAID.get(request.form.get("says", ""))
        known = {one.fingerprint for one in snippets.to_judge(board.engine, review_id)}
        if signal is None or fingerprint not in known:
            abort(400)
        now = board.clock()
        given = Feedback(
            forge=change.forge,
            delivery_id=f"dashboard:{who.name}:{fingerprint}:{now.timestamp():.6f}",
            repo=change.repo,
            number=change.number,
            fingerprint=fingerprint,
            signal=signal,
            author=who.name,
            is_own=notes.of_review(board.engine, review_id).author == who.name,
            reason=request.form.get("reason", "")[:MOST_REASON],
        )
        learning.record(board.engine, given, now=now)
        return redirect(f"/reviews/{review_id}#s{fingerprint}")

    @blueprint.post("/feedback/<int:feedback_id>/<any(undo, redo):what>")
    @signed_in
    def undo(feedback_id: int, what: str) -> ResponseReturnValue:
        kept = feedback.get(board.engine, feedback_id) if feedback_id <= LARGEST_ID else None
        if kept is None:
            abort(404)
        forge, repo, who = kept.given.forge, kept.given.repo, viewer()
        must(who.may_see(forge, repo))
        must(who.may_judge(forge, repo), 403)
        now = board.clock()
        feedback.set_undone(
            board.engine, feedback_id, by=who.label, now=now, is_undone=what == "undo"
        )
        learning.relearn(board.engine, forge=forge, repo=repo, now=now)
        return redirect(safe_path(request.form.get("next", "/feedback")))

    @blueprint.post("/repositories/<forge>/<path:repo>/forget")
    @signed_in
    def forget(forge: str, repo: str) -> ResponseReturnValue:
        who, now = viewer(), board.clock()
        must(who.may_see(forge, repo))
        must(who.may_gate(forge, repo), 403)
        person = request.form.get("person", "")[:200]
        feedback.set_person_undone(
            board.engine, person, forge=forge, repo=repo, by=who.label, now=now
        )
        learning.relearn(board.engine, forge=forge, repo=repo, now=now)
        return redirect(f"/repositories/{forge}/{repo}#learnt")

    @blueprint.post("/repositories/<forge>/<path:repo>/gate")
    @signed_in
    def gate(forge: str, repo: str) -> ResponseReturnValue:
        who = viewer()
        must(who.may_see(forge, repo))
        must(who.may_gate(forge, repo), 403)
        asked = request.form.get("gate", "")
        if asked not in {one.value for one in Gate}:
            abort(400)
        gates.set_ceiling(
            board.engine, Gate(asked), forge=forge, repo=repo, by=who.label, now=board.clock()
        )
        return redirect(f"/repositories/{forge}/{repo}#gate")

"""Acts: keeps what a review finds out besides its snippets and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from judge.types import Judge
from worker.applying import applied
from worker.closing import opinions
from worker.desk import Desk
from worker.review import Prepared, find_evidence, rules_in
from worker.store import candidates, evidence, feedback, learning, notes, snippets
from worker.store.reviews import StoredReview
from worker.types import Comment, Judged


def keep_notes(desk: Desk, row: StoredReview, found: Prepared) -> None:
    """What is to be said besides verdicts; and the rules, where they are good ones."""
    notes.save(desk.engine, row.id, found.notes)
    if found.rules is not None and not found.notes.rules_problem:
        notes.keep_rules(desk.engine, row.change, found.rules, now=desk.clock())
    keep_applied(desk, row, found)


def keep_applied(desk: Desk, row: StoredReview, found: Prepared) -> None:
    """That somebody committed what was suggested: the code before it was wrong."""
    change = row.change
    suggested = candidates.of_change(desk.engine, change)
    if not suggested:
        return
    for given in applied(change, suggested, found.snippets, author=found.notes.author):
        learning.record(desk.engine, given, now=desk.clock())


def keep_opinions(desk: Desk, row: StoredReview, standing: Sequence[Comment]) -> None:
    """What people meant who closed threads of ours, where no delivery told it."""
    if not any(one.closed_by for one in standing):
        return
    change = row.change
    known = feedback.of_repo(desk.engine, forge=change.forge, repo=change.repo)
    author = notes.of_review(desk.engine, row.id).author
    for given in opinions(change, standing, author=author, known=known):
        learning.record(desk.engine, given, now=desk.clock())


def keep_evidence(desk: Desk, row: StoredReview, last: Sequence[Judged], judge: Judge) -> None:
    """The lines that lower the verdicts that get a comment.

    last  the snippets of the last slice with their verdicts, which are not stored yet
    """
    judged = (*snippets.judged(desk.engine, row.id), *last)
    written = notes.of_review(desk.engine, row.id).agents
    found = find_evidence(judged, judge=judge, rules=rules_in(row.rules), agents=written)
    evidence.save(desk.engine, row.id, found)

"""Acts: keeps what a review finds out besides its snippets and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from judge.types import Judge
from worker.desk import Desk
from worker.review import Prepared, find_evidence, rules_in
from worker.store import evidence, notes, snippets
from worker.store.notes import Notes
from worker.store.reviews import StoredReview
from worker.types import Judged


def keep_notes(desk: Desk, row: StoredReview, found: Prepared) -> None:
    """What is to be said besides verdicts; and the rules, where they are good ones."""
    kept = Notes(found.rules_problem, found.agents, found.author, found.by_agents)
    notes.save(desk.engine, row.id, kept)
    if found.rules is not None and not found.rules_problem:
        notes.keep_rules(desk.engine, row.change, found.rules, now=desk.clock())


def keep_evidence(desk: Desk, row: StoredReview, last: Sequence[Judged], judge: Judge) -> None:
    """The lines that lower the verdicts that get a comment.

    last  the snippets of the last slice with their verdicts, which are not stored yet
    """
    judged = (*snippets.judged(desk.engine, row.id), *last)
    written = notes.of_review(desk.engine, row.id).authorship
    found = find_evidence(judged, judge=judge, rules=rules_in(row.rules), agents=written)
    evidence.save(desk.engine, row.id, found)

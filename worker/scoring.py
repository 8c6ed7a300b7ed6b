"""Acts: judges a slice of a review, and stops where a newer head has taken the review's place."""

from __future__ import annotations

from collections.abc import Sequence

from judge.types import Judge, Snippet, Verdict
from worker.desk import Desk
from worker.keeping import keep_evidence
from worker.review import pair, score
from worker.store import learning, reviews
from worker.store.reviews import StoredReview
from worker.store.slices import Slice

BATCH = 16  # snippets between two looks at whether anybody still wants them


def judge_slice(desk: Desk, row: StoredReview, part: Slice, judge: Judge) -> list[Verdict] | None:
    """The verdicts of a slice, and with the last one the evidence; None where nobody wants them."""
    verdicts: list[Verdict] = []
    for start in range(0, len(part.snippets), BATCH):
        if start and not _is_wanted(desk, row):
            return None
        verdicts += _verdicts(desk, row, part.snippets[start : start + BATCH], judge)
    if not part.rest and _is_wanted(desk, row):
        keep_evidence(desk, row, pair(part.snippets, verdicts), judge)
    return verdicts


def _verdicts(
    desk: Desk, row: StoredReview, snippets: Sequence[Snippet], judge: Judge
) -> list[Verdict]:
    """As the judge says, bent by what the repository taught."""
    said = score(snippets, judge=judge)
    return learning.adjusted(desk.engine, said, forge=row.change.forge, repo=row.change.repo)


def _is_wanted(desk: Desk, row: StoredReview) -> bool:
    now = reviews.get(desk.engine, row.id)
    return now is not None and now.state is row.state

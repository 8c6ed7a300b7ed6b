"""Acts: reads what people and history taught as labelled rows, for training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, func, select

from judge.types import Snippet
from worker.feedback import RIGHT, WRONG, Label, bounded, labels
from worker.feedback_history import Judged
from worker.store import feedback
from worker.store.engine import reading
from worker.store.reviews import StoredReview, get
from worker.store.snippets import snippet_of
from worker.store.tables import feedback as signals
from worker.store.tables import reviews, snippets
from worker.types import State

AT_ONCE = 200
MOST_REVIEWS = 500


def rows(engine: Engine, *, least_weight: float = 0.5) -> Iterator[dict[str, object]]:
    """A data row for every snippet whose labels agree by at least `least_weight`.

    Each person's weight is bounded as in calibration, and what was taken back is not in it. Rows
    are those of docs/data.md, with `label_from` "feedback" and two fields more: `weight`, by which
    the labels agree, and `signals`, how many there were. The task is the repository's function.
    """
    for forge, repo in _repositories(engine):
        known = bounded(labels(feedback.of_repo(engine, forge=forge, repo=repo)))
        of_snippet: dict[str, list[Label]] = defaultdict(list)
        for one in known:
            of_snippet[one.fingerprint].append(one)
        names = sorted(of_snippet)
        for start in range(0, len(names), AT_ONCE):
            found = _snippets(engine, forge, repo, names[start : start + AT_ONCE])
            for name, (snippet, review) in sorted(found.items()):
                row = _row(forge, repo, review, snippet, of_snippet[name], least_weight)
                if row is not None:
                    yield row


def published(engine: Engine, *, forge: str, repo: str, since: datetime) -> list[Judged]:
    """The code that the newest `MOST_REVIEWS` published reviews of a repository judged."""
    newest = (
        select(reviews.c.id)
        .where(
            reviews.c.forge == forge,
            reviews.c.repo == repo,
            reviews.c.state == State.PUBLISHED.value,
            reviews.c.created_at >= since,
        )
        .order_by(reviews.c.id.desc())
        .limit(MOST_REVIEWS)
    )
    query = (
        select(snippets, reviews.c.number, reviews.c.created_at)
        .join(reviews, reviews.c.id == snippets.c.review_id)
        .where(snippets.c.review_id.in_(newest), snippets.c.abstained.is_(False))
        .order_by(snippets.c.review_id, snippets.c.position)
    )
    with reading(engine) as connection:
        found = connection.execute(query).all()
    return [Judged(snippet_of(row), row.number, row.created_at) for row in found]


def newest_published(engine: Engine, *, since: datetime) -> list[StoredReview]:
    """The newest published review of each repository that has one since then."""
    newest = (
        select(func.max(reviews.c.id))
        .where(reviews.c.state == State.PUBLISHED.value, reviews.c.created_at >= since)
        .group_by(reviews.c.forge, reviews.c.repo)
    )
    with reading(engine) as connection:
        found = list(connection.execute(newest).scalars())
    rows = (get(engine, one) for one in sorted(found))
    return [row for row in rows if row is not None]


def _row(
    forge: str, repo: str, number: int, snippet: Snippet, given: list[Label], least: float
) -> dict[str, object] | None:
    net = sum(one.weight if one.label == RIGHT else -one.weight for one in given)
    if abs(net) < least:
        return None
    return {
        "id": f"{forge}:{repo}:{snippet.fingerprint}",
        "task_id": f"{forge}:{repo}:{snippet.path}:{snippet.name or snippet.fingerprint}",
        "source": f"{forge}:{repo}#{number}",
        "language": snippet.language,
        "prompt": snippet.prompt,
        "code": snippet.code,
        "label": RIGHT if net > 0 else WRONG,
        "generator": "",
        "label_from": "feedback",
        "license": "",
        "weight": round(abs(net), 3),
        "signals": len(given),
    }


def _repositories(engine: Engine) -> list[tuple[str, str]]:
    query = (
        select(signals.c.forge, signals.c.repo)
        .where(signals.c.undone_at.is_(None))
        .group_by(signals.c.forge, signals.c.repo)
        .order_by(signals.c.forge, signals.c.repo)
    )
    with reading(engine) as connection:
        return [(forge, repo) for forge, repo in connection.execute(query)]


def _snippets(
    engine: Engine, forge: str, repo: str, names: list[str]
) -> dict[str, tuple[Snippet, int]]:
    """The newest snippet of each fingerprint, and the number of its change."""
    newest = (
        select(snippets.c.fingerprint, func.max(snippets.c.review_id).label("review_id"))
        .join(reviews, reviews.c.id == snippets.c.review_id)
        .where(snippets.c.fingerprint.in_(names), reviews.c.forge == forge, reviews.c.repo == repo)
        .group_by(snippets.c.fingerprint)
        .subquery()
    )
    query = (
        select(snippets, reviews.c.number)
        .join(
            newest,
            (newest.c.fingerprint == snippets.c.fingerprint)
            & (newest.c.review_id == snippets.c.review_id),
        )
        .join(reviews, reviews.c.id == snippets.c.review_id)
    )
    with reading(engine) as connection:
        found = connection.execute(query).all()
    return {row.fingerprint: (snippet_of(row), row.number) for row in found}

"""Acts: loads what a review judges, and says how it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from judge.types import Snippet, SnippetKind, Verdict
from worker.store import evidence
from worker.store.engine import reading
from worker.store.tables import skipped, snippets
from worker.types import Judged, Skipped


class VerdictValues(TypedDict):
    """The columns that a verdict fills."""

    p_correct: float
    logit: float
    model: str
    abstained: bool
    verdict_reason: str
    p_global: float | None


def to_judge(
    engine: Engine, review_id: int, *, first: int = 0, limit: int | None = None
) -> tuple[Snippet, ...]:
    """The snippets of a review from `first` on, at most `limit`, in the order of its diff."""
    wanted = _OF_REVIEW.where(snippets.c.review_id == review_id, snippets.c.position >= first)
    with reading(engine) as connection:
        return tuple(snippet_of(row) for row in connection.execute(wanted.limit(limit)))


def write_verdicts(
    connection: Connection, review_id: int, verdicts: Sequence[Verdict], *, first: int = 0
) -> None:
    """Give the snippets of a review from `first` on their verdicts, in order."""
    if not verdicts:
        return
    change = update(snippets).where(
        snippets.c.review_id == review_id, snippets.c.position == bindparam("at")
    )
    connection.execute(
        change.values({name: bindparam(name) for name in VerdictValues.__annotations__}),
        [{**verdict_values(one), "at": first + i} for i, one in enumerate(verdicts)],
    )


def judged(engine: Engine, review_id: int) -> tuple[Judged, ...]:
    """The snippets of a review that have a verdict, in the order of its diff."""
    with reading(engine) as connection:
        rows = connection.execute(
            _OF_REVIEW.where(snippets.c.review_id == review_id, snippets.c.p_correct.is_not(None))
        )
        found = [(row.position, Judged(snippet_of(row), verdict_of(row))) for row in rows]
    lines = evidence.of_review(engine, review_id)
    return tuple(
        replace(one, verdict=replace(one.verdict, evidence=lines.get(position, ())))
        for position, one in found
    )


def left_out(engine: Engine, review_id: int) -> tuple[Skipped, ...]:
    """The files of a review that are not judged."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(skipped).where(skipped.c.review_id == review_id).order_by(skipped.c.position)
        )
        return tuple(Skipped(row.path, row.reason, row.is_code) for row in rows)


def snippet_values(review_id: int, values: Sequence[Snippet]) -> list[dict[str, object]]:
    """Rows of the table `snippets`."""
    return [
        {
            "review_id": review_id,
            "position": position,
            **columns_of(snippet),
            "fingerprint": snippet.fingerprint,
        }
        for position, snippet in enumerate(values)
    ]


def skipped_values(review_id: int, values: Sequence[Skipped]) -> list[dict[str, object]]:
    """Rows of the table `skipped`."""
    return [
        {
            "review_id": review_id,
            "position": position,
            "path": one.path,
            "reason": one.reason,
            "is_code": one.is_code,
        }
        for position, one in enumerate(values)
    ]


def columns_of(snippet: Snippet) -> dict[str, object]:
    """A snippet as `snippet_of` reads it."""
    return {
        "path": snippet.path,
        "language": snippet.language,
        "start_line": snippet.start_line,
        "end_line": snippet.end_line,
        "code": snippet.code,
        "kind": snippet.kind.value,
        "name": snippet.name,
        "prompt": snippet.prompt,
        "changed_lines": snippet.changed_lines,
        "diff": snippet.diff,
    }


def verdict_values(verdict: Verdict) -> VerdictValues:
    """What a verdict adds to the row of its snippet."""
    return {
        "p_correct": verdict.p_correct,
        "logit": verdict.logit,
        "model": verdict.model,
        "abstained": verdict.abstained,
        "verdict_reason": verdict.reason,
        "p_global": verdict.p_global,
    }


_OF_REVIEW = select(snippets).order_by(snippets.c.position)


def snippet_of(row: Row[*tuple[object, ...]]) -> Snippet:
    """The snippet in a row of any table that keeps snippets."""
    return Snippet(
        path=row.path,
        language=row.language,
        start_line=row.start_line,
        end_line=row.end_line,
        code=row.code,
        kind=SnippetKind(row.kind),
        name=row.name,
        prompt=row.prompt,
        changed_lines=row.changed_lines,
        diff=row.diff,
    )


def verdict_of(row: Row[*tuple[object, ...]]) -> Verdict:
    """The verdict in a row of a snippet that was judged."""
    return Verdict(
        row.p_correct,
        row.logit,
        row.model,
        row.abstained,
        row.verdict_reason,
        p_global=row.p_global,
    )

"""Acts: loads the candidates of an ask or a review, and says how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Row, select

from judge.types import Snippet, SnippetKind, Verdict
from worker.store.engine import reading
from worker.store.snippets import verdict_values
from worker.store.talk_tables import candidates
from worker.suggestions import Candidate

__all__ = ["Weighed", "candidate_values", "of_ask", "of_review", "verdict_values"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate and what the judge says of it, None before it was asked."""

    candidate: Candidate
    verdict: Verdict | None


def of_ask(engine: Engine, ask_id: int) -> tuple[Weighed, ...]:
    """The candidates of an ask, in their order."""
    return _load(engine, candidates.c.ask_id == ask_id)


def of_review(engine: Engine, review_id: int) -> tuple[Weighed, ...]:
    """The candidates that others suggested for a review's snippets, in their order."""
    return _load(engine, candidates.c.review_id == review_id)


def candidate_values(
    found: Sequence[Candidate], *, ask_id: int | None = None, review_id: int | None = None
) -> list[dict[str, object]]:
    """Rows of the table `candidates`."""
    return [
        {
            "ask_id": ask_id,
            "review_id": review_id,
            "position": position,
            "author": one.author,
            "remark_id": one.remark_id,
            "replaces": one.replaces,
            "replacement": one.replacement,
            "path": one.snippet.path,
            "language": one.snippet.language,
            "start_line": one.snippet.start_line,
            "end_line": one.snippet.end_line,
            "code": one.snippet.code,
            "kind": one.snippet.kind.value,
            "name": one.snippet.name,
            "prompt": one.snippet.prompt,
            "changed_lines": one.snippet.changed_lines,
            "diff": one.snippet.diff,
        }
        for position, one in enumerate(found)
    ]


def _load(engine: Engine, wanted: ColumnElement[bool]) -> tuple[Weighed, ...]:
    with reading(engine) as connection:
        rows = connection.execute(
            select(candidates).where(wanted).order_by(candidates.c.position, candidates.c.id)
        )
        return tuple(Weighed(_candidate(row), _verdict(row)) for row in rows)


def _candidate(row: Row[*tuple[object, ...]]) -> Candidate:
    snippet = Snippet(
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
    return Candidate(snippet, row.author, row.remark_id, row.replaces, row.replacement)


def _verdict(row: Row[*tuple[object, ...]]) -> Verdict | None:
    if row.p_correct is None:
        return None
    return Verdict(row.p_correct, row.logit, row.model, row.abstained, row.verdict_reason)

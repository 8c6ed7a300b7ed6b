"""Acts: loads the candidates of an ask or a review, and says how they are stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Engine, Row, and_, select

from judge.types import Verdict
from worker.jobs import ChangeRef
from worker.store.engine import reading
from worker.store.snippets import snippet_of
from worker.store.talk_tables import asks, candidates
from worker.suggestions import Candidate, Weighed

__all__ = ["candidate_values", "of_ask", "of_change", "verdict_values"]


def of_ask(engine: Engine, ask_id: int) -> tuple[Weighed, ...]:
    """The candidates of an ask, in their order."""
    return _load(engine, candidates.c.ask_id == ask_id)


def of_change(engine: Engine, change: ChangeRef) -> tuple[Weighed, ...]:
    """What people and other bots suggested on a change, the oldest first."""
    of = select(asks.c.id).where(
        asks.c.forge == change.forge, asks.c.repo == change.repo, asks.c.number == change.number
    )
    return _load(engine, and_(candidates.c.ask_id.in_(of), candidates.c.author != ""))


def candidate_values(found: Sequence[Candidate], *, ask_id: int) -> list[dict[str, object]]:
    """Rows of the table `candidates`."""
    return [
        {
            "ask_id": ask_id,
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


def verdict_values(verdict: Verdict) -> dict[str, object]:
    """What a verdict adds to its candidate's row."""
    return {
        "p_correct": verdict.p_correct,
        "logit": verdict.logit,
        "model": verdict.model,
        "abstained": verdict.abstained,
        "verdict_reason": verdict.reason,
        "p_global": verdict.p_global,
    }


def _load(engine: Engine, wanted: ColumnElement[bool]) -> tuple[Weighed, ...]:
    with reading(engine) as connection:
        rows = connection.execute(
            select(candidates).where(wanted).order_by(candidates.c.ask_id, candidates.c.position)
        )
        return tuple(Weighed(_candidate(row), _verdict(row)) for row in rows)


def _candidate(row: Row[*tuple[object, ...]]) -> Candidate:
    return Candidate(snippet_of(row), row.author, row.remark_id, row.replaces, row.replacement)


def _verdict(row: Row[*tuple[object, ...]]) -> Verdict | None:
    if row.p_correct is None:
        return None
    return Verdict(
        row.p_correct,
        row.logit,
        row.model,
        row.abstained,
        row.verdict_reason,
        p_global=row.p_global,
    )

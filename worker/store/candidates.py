"""Acts: loads the candidates of an ask or of a change, and says how they are stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Engine, Row, and_, select

from worker.jobs import NAME_LETTERS, ChangeRef
from worker.store.engine import reading
from worker.store.snippets import columns_of, snippet_of, verdict_of
from worker.store.talk_tables import asks, candidates
from worker.suggestions import Candidate, Weighed


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
            "author": one.author[:NAME_LETTERS],
            "remark_id": one.remark_id,
            "replaces": one.replaces,
            "replacement": one.replacement,
            **columns_of(one.snippet),
        }
        for position, one in enumerate(found)
    ]


def _load(engine: Engine, wanted: ColumnElement[bool]) -> tuple[Weighed, ...]:
    with reading(engine) as connection:
        rows = connection.execute(
            select(candidates).where(wanted).order_by(candidates.c.ask_id, candidates.c.position)
        )
        return tuple(_weighed(row) for row in rows)


def _weighed(row: Row[*tuple[object, ...]]) -> Weighed:
    found = Candidate(snippet_of(row), row.author, row.remark_id, row.replaces, row.replacement)
    return Weighed(found, None if row.p_correct is None else verdict_of(row))

"""Acts: keeps how far the gate of a repository may go, where somebody lowered it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from worker.gate import ORDER
from worker.repo_config import Gate, Rules
from worker.store.engine import reading, writing
from worker.store.page_tables import gate_ceilings


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The highest rung that a gate may act on, and who said so."""

    gate: Gate
    set_by: str
    set_at: datetime


def ceiling(engine: Engine, *, forge: str, repo: str) -> Ceiling | None:
    """The ceiling of a repository's gate, or None where nobody set one."""
    with reading(engine) as connection:
        row = connection.execute(
            select(gate_ceilings).where(
                gate_ceilings.c.forge == forge, gate_ceilings.c.repo == repo
            )
        ).one_or_none()
    return None if row is None else Ceiling(Gate(row.gate), row.set_by, row.set_at)


def set_ceiling(
    engine: Engine, gate: Gate, *, forge: str, repo: str, by: str, now: datetime
) -> None:
    """Set the ceiling; BLOCK, the highest rung, is none at all."""
    with writing(engine) as connection:
        connection.execute(
            delete(gate_ceilings).where(
                gate_ceilings.c.forge == forge, gate_ceilings.c.repo == repo
            )
        )
        if gate is not Gate.BLOCK:
            connection.execute(
                insert(gate_ceilings).values(
                    forge=forge, repo=repo, gate=gate.value, set_by=by, set_at=now
                )
            )


def lowered(engine: Engine, rules: Rules, *, forge: str, repo: str) -> Rules:
    """The rules with a gate of at most the ceiling: a person may hold it back, never push it."""
    found = ceiling(engine, forge=forge, repo=repo)
    if found is None:
        return rules
    return rules.model_copy(update={"gate": min(rules.gate, found.gate, key=ORDER.index)})

"""Acts: keeps verdicts by the hash of what was judged, for every worker of the installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select, update

from judge.types import Verdict
from worker.store.engine import INSERT, reading, writing
from worker.store.tables import remembered

# A row that is used all the time is written about so often, and not at each use.
USE_IS_NOTED_EVERY = timedelta(hours=1)
KEYS_AT_ONCE = 500  # SQLite takes a limited number of parameters in one statement


def find(engine: Engine, keys: Sequence[str], *, now: datetime) -> dict[str, Verdict]:
    """The verdicts that are known, by key. Finding one counts as using it."""
    found, stale = {}, []
    with reading(engine) as connection:
        for some in _parts(keys):
            for row in connection.execute(select(remembered).where(remembered.c.key.in_(some))):
                found[row.key] = Verdict(
                    row.p_correct, row.logit, row.model, row.abstained, row.reason
                )
                if row.used_at < now - USE_IS_NOTED_EVERY:
                    stale.append(row.key)
    if stale:
        with writing(engine) as connection:
            for some in _parts(stale):
                connection.execute(
                    update(remembered).where(remembered.c.key.in_(some)).values(used_at=now)
                )
    return found


def keep(engine: Engine, verdicts: Mapping[str, Verdict], *, now: datetime) -> None:
    """Remember `verdicts`. Where another worker was faster, its verdict stays."""
    with writing(engine) as connection:
        connection.execute(
            INSERT[connection.dialect.name](remembered).on_conflict_do_nothing(),
            [
                {
                    "key": key,
                    "p_correct": verdict.p_correct,
                    "logit": verdict.logit,
                    "model": verdict.model,
                    "abstained": verdict.abstained,
                    "reason": verdict.reason,
                    "used_at": now,
                }
                for key, verdict in sorted(
                    verdicts.items()
                )  # in one order, or two writers block each other
            ],
        )


def forget(engine: Engine, *, all_but: int) -> int:
    """Drop the verdicts that nobody used for longest, down to `all_but`; how many were dropped."""
    newest = select(remembered.c.key).order_by(remembered.c.used_at.desc(), remembered.c.key)
    with writing(engine) as connection:
        kept = newest.limit(all_but)
        dropped = connection.execute(delete(remembered).where(remembered.c.key.not_in(kept)))
        return dropped.rowcount


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]

"""Acts: writes out, or deletes, all that is kept about an owner's, or one, repository.

It goes by the columns of every table, so that a table that comes later is not forgotten: what
points to a review goes with it, what names a repository goes with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, and_, delete, false, func, or_, select

from worker.jobs import GROUP
from worker.store import page_tables  # noqa: F401 -- of the metadata too
from worker.store.deliveries import UNFINISHED
from worker.store.engine import reading, writing
from worker.store.group_tables import merge_groups
from worker.store.tables import metadata, reviews
from worker.store.talk_tables import asks

BATCH = 500
# What is begun and ended, and when it has: what points to a row goes with it.
ENDED: Mapping[Table, ColumnElement[bool]] = {
    reviews: and_(reviews.c.state.not_in(UNFINISHED), reviews.c.check_open.is_(False)),
    asks: asks.c.due_at.is_(None),
    merge_groups: merge_groups.c.due_at.is_(None),
}
Row = dict[str, object]


def everything(engine: Engine, *, forge: str, name: str) -> Iterator[tuple[str, Row]]:
    """Every row about `name` ("owner" or "owner/repository"), with the name of its table."""
    for table in metadata.sorted_tables:
        condition = _about(table, forge, name)
        if condition is None:
            continue
        with reading(engine) as connection:
            for row in connection.execute(select(table).where(condition)):
                yield table.name, dict(row._mapping)


def erase(engine: Engine, *, forge: str, name: str) -> dict[str, int]:
    """Delete every row about `name`, in one transaction; how many, by table."""
    gone: dict[str, int] = {}
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            condition = _about(table, forge, name)
            if condition is not None:
                count = connection.execute(delete(table).where(condition)).rowcount
                gone |= {table.name: count} if count else {}
    return gone


def expire(engine: Engine, *, before: datetime, most: int | None = None) -> dict[str, int]:
    """Delete what has ended and was not touched since, with its code; how many, by table.

    most  rows of one table to delete now; the rest is left to the next time
    """
    return {
        table.name: _expire(engine, table, ended, before=before, most=most)
        for table, ended in ENDED.items()
    }


def _expire(
    engine: Engine,
    table: Table,
    ended: ColumnElement[bool],
    *,
    before: datetime,
    most: int | None,
) -> int:
    total = 0
    old = select(table.c.id).where(table.c.updated_at < before, ended).limit(BATCH)
    while most is None or total < most:
        with writing(engine) as connection:
            gone = connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
        total += gone
        if gone < BATCH:
            break
    return total


def _about(table: Table, forge: str, name: str) -> ColumnElement[bool] | None:
    """Which rows of a table are about `name`; None where it is about nobody."""
    if "repo" in table.c and "forge" in table.c:
        return _of_repository(table, forge, name)
    conditions: list[ColumnElement[bool]] = [
        column.in_(select(key.column).where(_of_repository(key.column.table, forge, name)))
        for column in table.c
        for key in column.foreign_keys
        if "repo" in key.column.table.c
    ]
    if table.name == "merge_groups":  # it names its repository in its key alone
        start = f"{GROUP}{forge}:{name}"
        conditions = [or_(*(_starts(table.c.key, f"{start}{mark}") for mark in "/#@:"))]
    return or_(false(), *conditions) if conditions else None


def _of_repository(table: object, forge: str, name: str) -> ColumnElement[bool]:
    assert isinstance(table, Table)
    is_it = or_(table.c.repo == name, _starts(table.c.repo, f"{name}/"))
    return and_(table.c.forge == forge, is_it)


def _starts(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """Begins with exactly these letters: LIKE would take `_` for any, and SQLite ignore case."""
    return func.substr(column, 1, len(start)) == start

"""Acts: keeps what each account did and was told at its forge, for every worker of a fleet."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, bindparam, select, text, update

from worker.forges.pace import Past
from worker.store.engine import INSERT, reading, writing
from worker.store.tables import paces


class StoredMemory:
    """The past of one account in the database. See `worker.forges.pace.Memory`."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account

    def read(self) -> Past:
        """The past as it is."""
        with reading(self._engine) as connection:
            found = connection.execute(_FIND, {"of": self._account}).scalar_one_or_none()
        return Past.read(found or "")

    def change(self, after: Callable[[Past], Past]) -> None:
        """Put `after(past)` in the place of the past, one caller at a time."""
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_SEEN_AT_ONCE)
            insert = INSERT[connection.dialect.name](paces)
            row = {"account": self._account, "past": ""}
            connection.execute(insert.on_conflict_do_nothing(), row)
            found = connection.execute(_FIND.with_for_update(), {"of": self._account}).scalar_one()
            new = after(Past.read(found)).written()
            connection.execute(
                update(paces).where(paces.c.account == self._account).values(past=new)
            )


# Others must not go on asking while a busy disk takes the commit; any row may be lost.
_SEEN_AT_ONCE = text("SET LOCAL synchronous_commit TO OFF")
_FIND = select(paces.c.past).where(paces.c.account == bindparam("of"))

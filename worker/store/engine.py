"""Acts: opens the database and runs transactions on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

BUSY_TIMEOUT_S = 10.0
# A server that vanishes without a word is noticed before a forge gives its delivery up, which is
# after 10 s. Parameters of libpq: postgresql.org/docs/current/libpq-connect.html
NOTICED: Mapping[str, int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 8_000,  # milliseconds
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
LIBPQ = ("psycopg", "psycopg2")
# The two dialects spell ON CONFLICT alike; SQLAlchemy's common insert does not have it.
INSERT: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class StoreError(Exception):
    """The database cannot be used as configured. The message names the remedy."""


def open_engine(url: str, *, is_pooled: bool = True) -> Engine:
    """An engine for `url`; no connection is made yet. Open one per process, after any fork.

    is_pooled  keep connections open; without it, a process that forks later may use the engine

    Raises StoreError for a URL that is no database's, or of an unsupported one.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in INSERT:
            raise StoreError(
                f"GAVEL_DATABASE_URL names {parsed.get_backend_name()!r}: expected sqlite "
                "or postgresql, such as sqlite:////var/lib/gavel/gavel.sqlite"
            )
        pool = {} if is_pooled else {"poolclass": NullPool}
        waits = server_waits(parsed)
        return _tuned(create_engine(parsed, pool_pre_ping=is_pooled, connect_args=waits, **pool))
    except ArgumentError:
        raise StoreError(
            "GAVEL_DATABASE_URL is no database URL: expected for example "
            "sqlite:////var/lib/gavel/gavel.sqlite"
        ) from None
    except ModuleNotFoundError as missing:
        raise StoreError(
            f"GAVEL_DATABASE_URL needs the Python package {missing.name!r}: install it"
        ) from missing


def server_waits(url: URL) -> dict[str, object]:
    """How long to wait for a server over the network, for what the URL leaves open.

    >>> server_waits(make_url("postgresql://nowhere/gavel?connect_timeout=2"))["tcp_user_timeout"]
    8000
    """
    is_server = url.get_backend_name() == "postgresql" and url.get_driver_name() in LIBPQ
    return {name: value for name, value in NOTICED.items() if is_server and name not in url.query}


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write. On SQLite it takes the write lock at once, so that it
    waits for other writers at its start instead of failing in its middle."""
    with engine.connect() as connection:
        connection = connection.execution_options(gavel_writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads."""
    with engine.connect() as connection, connection.begin():
        yield connection


def insert_if_new(connection: Connection, table: Table, values: Mapping[str, object]) -> int | None:
    """Insert a row and return its id, or None where a unique constraint already holds one."""
    insert = INSERT[connection.dialect.name](table).values(**values)
    return connection.execute(
        insert.on_conflict_do_nothing().returning(table.c.id)
    ).scalar_one_or_none()


def one_at_a_time(connection: Connection, *name: str | int) -> None:
    """Let no other transaction with this name run until the present one ends.

    SQLite has one writer anyway; PostgreSQL would let two deliveries of one change pass each
    other, each blind to what the other wrote.
    """
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(" ".join(map(str, name)), 0)
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def names_one_at_a_time(connection: Connection, names: Sequence[Sequence[str | int]]) -> None:
    """As `one_at_a_time` for many names. All callers give them in one order, or they deadlock."""
    if names and connection.dialect.name == "postgresql":
        joined = [" ".join(map(str, name)) for name in names]
        connection.execute(_TAKE_ALL, {"names": joined})


# The names are taken in the order of the array.
_TAKE_ALL = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
    "FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS given (name, place) ORDER BY place"
)


def _tuned(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        if engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # _begin_sqlite begins transactions, not the driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a delivery that we acknowledged is on disk
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gavel_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

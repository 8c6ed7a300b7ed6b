"""Acts: brings a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from worker.store import group_tables, page_tables, talk_tables  # noqa: F401 -- of the metadata too
from worker.store.engine import StoreError, one_at_a_time, open_engine, reading, writing

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, *, revision: str = "head") -> None:
    """Create or migrate the tables. Harmless when they are up to date.

    Raises StoreError where the database cannot be reached or is of a newer Gavel.
    """
    _run(url, lambda config: command.upgrade(config, revision))


def upgrade_unless_newer(url: str) -> bool:
    """`upgrade`; False where the database is a newer Gavel's, which is left as it is.

    Versions share a database while one replaces the other, in either direction: a migration
    only adds, so that the version before goes on with the tables of the next.
    """
    engine = open_engine(url, is_pooled=False)
    try:
        if is_of_newer(engine):
            return False
    except DBAPIError as error:
        raise _unusable(error) from error
    finally:
        engine.dispose()
    upgrade(url)
    return True


def downgrade(url: str, *, revision: str) -> None:
    """Go back to an older revision; "base" drops every table."""
    _run(url, lambda config: command.downgrade(config, revision))


def is_current(engine: Engine) -> bool:
    """Whether the database has the tables of this version."""
    return _revision(engine) == revisions()[-1]


def is_of_newer(engine: Engine) -> bool:
    """Whether the database was brought to its tables by a newer Gavel than this one."""
    found = _revision(engine)
    return found is not None and found not in revisions()


def is_usable(engine: Engine) -> bool:
    """Whether this version can work with the tables: its own, or a newer version's."""
    found = _revision(engine)
    return found is not None and found not in revisions()[:-1]


def revisions() -> list[str]:
    """Every revision of the tables that this version knows, the oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [one.revision for one in scripts.walk_revisions()][::-1]


def _revision(engine: Engine) -> str | None:
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _run(url: str, migrate: Callable[[Config], None]) -> None:
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _keep_children)
    try:
        with writing(engine) as connection:
            one_at_a_time(connection, "migrations")  # receivers that start together
            config = _config()
            config.attributes["connection"] = connection
            migrate(config)
    except CommandError as error:
        raise StoreError(
            f"the database cannot be migrated ({error}): it may belong to a newer Gavel; "
            "install that version or set GAVEL_DATABASE_URL to another database"
        ) from error
    except DBAPIError as error:
        raise _unusable(error) from error
    finally:
        engine.dispose()


def _unusable(error: DBAPIError) -> StoreError:
    return StoreError(
        f"the database cannot be opened ({error.orig}): check GAVEL_DATABASE_URL, and that "
        "this user may write there"
    )


def _keep_children(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """SQLite changes a table by copying and dropping it, and with its foreign keys in force the
    drop would take every row that points to the table along: sqlite.org/lang_altertable.html."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config

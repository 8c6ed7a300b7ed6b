from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.postgres import NoPostgres, postgres
from tests.worker.office import Office
from worker.store.engine import open_engine, writing
from worker.store.migrate import upgrade
from worker.store.tables import metadata


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "migrated.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_engine() -> Iterator[Engine]:
    """A migrated database on a server that the whole session shares."""
    try:
        with postgres() as server:
            upgrade(server.url)
            engine = open_engine(server.url)
            yield engine
            engine.dispose()
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def sqlite_engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of one kind, for what asks little of it: tests/worker/store asks both."""
    path = tmp_path / "gavel.sqlite"
    shutil.copy(migrated, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database with every table, on each kind of database in turn."""
    if request.param == "postgresql":
        engine = request.getfixturevalue("postgres_engine")
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        with writing(engine) as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield engine
        return
    yield request.getfixturevalue("sqlite_engine")


@pytest.fixture
def office(engine: Engine, now: datetime) -> Office:
    return Office(engine, now)

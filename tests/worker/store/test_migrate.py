from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from worker.store.engine import StoreError, open_engine, reading, writing
from worker.store.migrate import downgrade, is_current, upgrade
from worker.store.tables import metadata


def test_the_migrations_lead_to_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert is_current(engine)


def test_migrating_twice_is_harmless(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a % b.sqlite'}"
    upgrade(url)
    upgrade(url)


def test_going_back_leaves_no_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    upgrade(url)
    downgrade(url, revision="base")
    engine = open_engine(url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert not is_current(engine)
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_with_a_remedy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer Gavel"):
        upgrade(url)


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "gavel.sqlite"
    path.write_text("this is a letter, and a long one, to nobody in particular" * 50)
    with pytest.raises(StoreError, match="check GAVEL_DATABASE_URL"):
        upgrade(f"sqlite:///{path}")

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from worker.store.engine import StoreError, open_engine, reading, writing
from worker.store.migrate import (
    downgrade,
    is_current,
    is_usable,
    revisions,
    upgrade,
    upgrade_unless_newer,
)
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


def newer(folder: Path) -> str:
    """The address of a database whose tables are of a version that this one does not know."""
    url = f"sqlite:///{folder / 'gavel.sqlite'}"
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    return url


def test_a_database_of_a_newer_version_is_refused_with_a_remedy(tmp_path: Path) -> None:
    url = newer(tmp_path)
    with pytest.raises(StoreError, match="newer Gavel"):
        upgrade(url)


def test_the_tables_of_a_newer_version_are_used_and_left_as_they_are(tmp_path: Path) -> None:
    url = newer(tmp_path)
    engine = open_engine(url)
    assert upgrade_unless_newer(url) is False
    assert (is_usable(engine), is_current(engine)) == (True, False)
    engine.dispose()


def test_the_tables_of_an_older_version_are_not_used_before_they_are_migrated(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    upgrade(url, revision="0001")
    engine = open_engine(url)
    assert not is_usable(engine)
    assert upgrade_unless_newer(url) is True
    assert (is_usable(engine), is_current(engine)) == (True, True)
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_told_before_it_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "gavel.sqlite").write_text("no database, but a letter that goes on and on" * 50)
    with pytest.raises(StoreError, match="check GAVEL_DATABASE_URL"):
        upgrade_unless_newer(f"sqlite:///{tmp_path / 'gavel.sqlite'}")


# The fourth came before anybody ran two versions at once: it asks for a turn of every review.
@pytest.mark.parametrize("before", [one for one in revisions() if one >= "0004"])
def test_the_version_before_can_go_on_with_the_tables_of_this_one(
    before: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    engine = open_engine(url)
    upgrade(url, revision=before)
    old = {name: columns(engine, name) for name in inspect(engine).get_table_names()}
    upgrade(url)
    for name, known in old.items():
        new = columns(engine, name)
        assert set(known) <= set(new), f"{name} loses columns that a version before reads"
        for column in set(new) - set(known):
            has_value = new[column]["nullable"] or new[column]["default"] is not None
            assert has_value, f"a version before cannot insert into {name}: {column}"
    engine.dispose()


def columns(engine: Engine, table: str) -> dict[str, dict]:
    return {one["name"]: one for one in inspect(engine).get_columns(table)}


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "gavel.sqlite"
    path.write_text("this is a letter, and a long one, to nobody in particular" * 50)
    with pytest.raises(StoreError, match="check GAVEL_DATABASE_URL"):
        upgrade(f"sqlite:///{path}")

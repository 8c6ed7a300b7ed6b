from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from worker.store.engine import StoreError, open_engine, reading, server_waits, writing


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_runs_in_wal_mode_with_foreign_keys_and_full_durability(engine: Engine) -> None:
    pragmas = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10000}
    with reading(engine) as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas}
    assert found == pragmas


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    statement = text(
        "INSERT INTO feedback (forge, delivery_id, repo, number, fingerprint, signal, received_at)"
        " VALUES ('f', 'd', 'r', 1, 'x', 'agreed', '2026-01-01')"
    )
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(statement)
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM feedback")).scalar() == 0


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine), reading(engine) as reader:
        assert reader.execute(text("SELECT count(*) FROM reviews")).scalar() == 0


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'new' / 'gavel.sqlite'}").dispose()
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/x", "sqlite+nothing:///x"])
def test_an_impossible_url_is_refused_and_names_its_variable(url: str) -> None:
    with pytest.raises(StoreError, match="GAVEL_DATABASE_URL"):
        open_engine(url)


def test_a_server_that_vanishes_is_noticed_before_a_forge_gives_up() -> None:
    waits = server_waits(make_url("postgresql://gavel@db.example.org/gavel"))
    assert 0 < waits["connect_timeout"] < 10
    assert 0 < waits["tcp_user_timeout"] < 10_000
    assert "connect_timeout" not in server_waits(make_url("postgresql://db/x?connect_timeout=60"))
    assert server_waits(make_url("sqlite:////var/lib/gavel.sqlite")) == {}


def test_a_password_in_a_wrong_url_is_not_repeated() -> None:
    with pytest.raises(StoreError) as raised:
        open_engine("mysql://user:hunter2@localhost/x")
    assert "hunter2" not in str(raised.value)

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner
from werkzeug.security import check_password_hash

from bot.cli import build
from worker.store import admins
from worker.store.engine import open_engine, writing

PASSWORD = "correct horse battery"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("GAVEL_DATABASE_URL", raising=False)
    return f"sqlite:///{tmp_path}/gavel.sqlite"


def opened(url: str) -> Engine:
    return open_engine(url)


def test_an_admin_is_made_and_only_the_hash_is_kept(url: str) -> None:
    done = CliRunner().invoke(build(), ["admin", "create", "ada"], input=f"{PASSWORD}\n")
    assert (done.exit_code, done.stdout) == (0, "ada may sign in\n")
    engine = opened(url)
    kept = admins.password_hash(engine, "ada")
    engine.dispose()
    assert kept is not None
    assert PASSWORD not in kept
    assert check_password_hash(kept, PASSWORD)


def test_a_second_time_gives_a_new_password(url: str) -> None:
    for word in (PASSWORD, PASSWORD * 2):
        done = CliRunner().invoke(build(), ["admin", "create", "ada"], input=f"{word}\n")
    assert "with the new password" in done.stdout
    engine = opened(url)
    assert check_password_hash(admins.password_hash(engine, "ada") or "", PASSWORD * 2)
    engine.dispose()


@pytest.mark.parametrize(("name", "word"), [("ada", "short"), ("a da", PASSWORD), ("", PASSWORD)])
def test_a_short_password_or_a_strange_name_is_refused(url: str, name: str, word: str) -> None:
    done = CliRunner().invoke(build(), ["admin", "create", name], input=f"{word}\n")
    assert done.exit_code != 0
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_the_tables_of_a_newer_gavel_are_used_as_they_are(url: str) -> None:
    assert CliRunner().invoke(build(), ["admin", "create", "ada"], input=PASSWORD).exit_code == 0
    engine = opened(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    again = CliRunner().invoke(build(), ["admin", "create", "ada"], input=PASSWORD * 2)
    assert (again.exit_code, again.stdout) == (0, "ada may sign in with the new password\n")

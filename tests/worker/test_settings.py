from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.settings import (
    MAX_SOCKET_BYTES,
    WorkerSettings,
    broker_socket,
    default_broker_url,
    secret_names,
    socket_of,
)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GAVEL_")]:
        monkeypatch.delenv(name)


def test_everything_lives_under_the_home_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GAVEL_HOME", "/srv/gavel")
    settings = WorkerSettings()
    assert settings.home == Path("/srv/gavel")
    assert settings.database_url == "sqlite:////srv/gavel/gavel.sqlite"
    assert settings.broker_url == "redis+socket:///srv/gavel/redis.sock"


def test_the_home_is_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert WorkerSettings().home == Path("/data/gavel")


def test_urls_replace_the_embedded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_DATABASE_URL", "postgresql+psycopg://db/gavel")
    monkeypatch.setenv("GAVEL_BROKER_URL", "redis://broker:6379/1")
    settings = WorkerSettings()
    assert settings.database_url == "postgresql+psycopg://db/gavel"
    assert settings.broker_url == "redis://broker:6379/1"


def test_secrets_and_urls_with_passwords_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN", "hunter2")
    monkeypatch.setenv("GAVEL_GITHUB_PRIVATE_KEY", "hunter2")
    monkeypatch.setenv("GAVEL_DATABASE_URL", "postgresql://user:hunter2@db/gavel")
    monkeypatch.setenv("GAVEL_BROKER_URL", "redis://:hunter2@broker/0")
    assert "hunter2" not in repr(WorkerSettings())


def test_the_names_of_the_secrets_are_known() -> None:
    forges = {"GAVEL_GITHUB_TOKEN", "GAVEL_GITHUB_PRIVATE_KEY", "GAVEL_GITLAB_TOKEN"}
    assert set(secret_names()) == forges | {"GAVEL_VISION_API_KEY"}


def test_a_home_with_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 40)
    socket = broker_socket(home)
    assert not socket.is_relative_to(home)
    assert len(os.fsencode(socket)) <= MAX_SOCKET_BYTES
    assert broker_socket(home) == socket
    assert broker_socket(home / "other") != socket


def test_no_room_for_a_socket_anywhere_is_said_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/t" + "x" * 120)
    with pytest.raises(ValueError, match="GAVEL_BROKER_URL"):
        broker_socket(Path("/" + "y" * 120))


def test_the_socket_can_be_read_back_from_the_url() -> None:
    assert socket_of(default_broker_url(Path("/srv/a b"))) == Path("/srv/a b/redis.sock")
    assert socket_of("redis://localhost:6379/0") is None


def test_a_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("hunter2\n")
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN_FILE", str(secret))
    token = WorkerSettings().github_token
    assert token is not None
    assert token.get_secret_value() == "hunter2"
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN", "nearer")
    token = WorkerSettings().github_token
    assert token is not None
    assert token.get_secret_value() == "nearer"


def test_a_file_that_cannot_be_read_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN_FILE", str(tmp_path / "missing"))
    with pytest.raises(ValueError, match="GAVEL_GITHUB_TOKEN_FILE"):
        WorkerSettings()

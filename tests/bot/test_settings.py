"""The receiver's settings: what is missing is named, and secrets are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, load


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("DATABASE_URL", "BROKER_URL", "GITHUB_WEBHOOK_SECRET", "GITLAB_WEBHOOK_SECRET")
    for name in (f"GAVEL_{name}" for name in names):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))


def test_without_a_secret_nothing_starts_and_the_variable_is_named() -> None:
    with pytest.raises(SettingsError, match=r"GAVEL_GITHUB_WEBHOOK_SECRET is not set.*make one"):
        load()


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_empty_secret_is_an_error_and_never_checks_off(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", value)
    with pytest.raises(SettingsError, match="GAVEL_GITHUB_WEBHOOK_SECRET: it is empty"):
        load()


def test_a_secret_with_a_stray_newline_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "hunter2\n")
    with pytest.raises(SettingsError, match="white space") as refusal:
        load()
    assert "hunter2" not in str(refusal.value)


def test_state_lies_under_the_home_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "hunter2")
    settings = load()
    assert settings.database_url == f"sqlite:///{tmp_path}/gavel.sqlite"
    assert settings.secrets() == {"github": "hunter2"}


def test_a_log_level_that_is_none_is_answered_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "hunter2")
    monkeypatch.setenv("GAVEL_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError, match=r"GAVEL_LOG_LEVEL: .*'DEBUG', 'INFO'"):
        load()


def test_neither_secrets_nor_urls_show_when_settings_are_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "hunter2")
    monkeypatch.setenv("GAVEL_DATABASE_URL", "postgresql://gavel:hunter2@db/gavel")
    monkeypatch.setenv("GAVEL_BROKER_URL", "redis://:hunter2@redis/0")
    assert "hunter2" not in repr(load())


def test_without_any_secret_the_variable_for_gitlab_is_named_too() -> None:
    with pytest.raises(SettingsError, match="for GitLab, the variable is GAVEL_GITLAB_WEBHOOK_"):
        load()


def test_the_secret_of_one_forge_is_enough_and_only_that_forge_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAVEL_GITLAB_WEBHOOK_SECRET", "hunter2")
    assert load().secrets() == {"gitlab": "hunter2"}
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "hunter3")
    assert load().secrets() == {"github": "hunter3", "gitlab": "hunter2"}


@pytest.mark.parametrize(
    "value", ["", " ", "hunter2 ", "whsec_%", "whsec_abc", "whsec_", "whsec_" + "abcd" * 7]
)
def test_a_secret_of_gitlab_that_never_matches_is_refused_without_showing_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_GITLAB_WEBHOOK_SECRET", value)
    with pytest.raises(SettingsError, match="GAVEL_GITLAB_WEBHOOK_SECRET: it ") as refusal:
        load()
    assert "hunter2" not in str(refusal.value) and "abc" not in str(refusal.value)


def test_a_signing_token_of_gitlab_is_taken_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    monkeypatch.setenv("GAVEL_GITLAB_WEBHOOK_SECRET", token)
    assert load().secrets() == {"gitlab": token}

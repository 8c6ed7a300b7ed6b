from __future__ import annotations

import stat
from pathlib import Path

from bot import app_secrets
from bot.app_secrets import AppSecrets, KeptApp
from bot.programs import MAY_HOLD

APP = KeptApp(7, "Gavel here", "https://github.com/apps/gavel-here", "Iv1.1")
HIDDEN = AppSecrets("-----BEGIN RSA PRIVATE KEY-----", "hook", "client")
PAGES = {"GAVEL_DASHBOARD_URL": "https://gavel.example.org"}


def test_what_is_kept_is_found_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    app_secrets.keep(tmp_path, APP, HIDDEN)
    assert app_secrets.find(tmp_path) == APP
    files = list((tmp_path / app_secrets.FOLDER).iterdir())
    assert len(files) == 4
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE((tmp_path / app_secrets.FOLDER).stat().st_mode) == 0o700


def test_the_environment_gets_names_of_files_and_no_secret(tmp_path: Path) -> None:
    app_secrets.keep(tmp_path, APP, HIDDEN)
    found = app_secrets.variables(tmp_path, PAGES)
    assert found["GAVEL_GITHUB_APP_ID"] == "7"
    assert Path(found["GAVEL_GITHUB_WEBHOOK_SECRET_FILE"]).read_text() == "hook"
    assert not {"hook", "client", HIDDEN.private_key} & set(found.values())


def test_each_program_gets_its_own_part(tmp_path: Path) -> None:
    app_secrets.keep(tmp_path, APP, HIDDEN)
    found = app_secrets.variables(tmp_path, PAGES)
    held = {role: {name for name in found if own.fullmatch(name)} for role, own in MAY_HOLD.items()}
    assert "GAVEL_GITHUB_PRIVATE_KEY_FILE" in held["io"] - held["receiver"]
    assert "GAVEL_GITHUB_WEBHOOK_SECRET_FILE" in held["receiver"] - held["io"]
    assert held["gpu"] == held["beat"] == set()


def test_what_stands_in_the_environment_goes_before_the_kept_app(tmp_path: Path) -> None:
    app_secrets.keep(tmp_path, APP, HIDDEN)
    found = app_secrets.variables(tmp_path, {"GAVEL_GITHUB_APP_ID": "9"})
    assert "GAVEL_GITHUB_PRIVATE_KEY_FILE" not in found and "GAVEL_GITHUB_APP_ID" not in found
    assert "GAVEL_GITHUB_WEBHOOK_SECRET_FILE" in found
    assert "GAVEL_GITHUB_OAUTH_ID" not in found  # nobody can sign in without an address


def test_without_an_app_or_with_a_broken_one_nothing_is_added(tmp_path: Path) -> None:
    assert app_secrets.variables(tmp_path, {}) == {}
    (tmp_path / app_secrets.FOLDER).mkdir()
    (tmp_path / app_secrets.FOLDER / app_secrets.PUBLIC).write_text("{")
    assert app_secrets.variables(tmp_path, {}) == {}

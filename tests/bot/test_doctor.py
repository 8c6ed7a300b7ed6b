"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from bot import doctor
from bot.doctor import examine
from bot.doctor_checks import Check, Status, as_json, as_text
from worker.store.migrate import upgrade


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "BROKER_URL", "MODEL", "GITHUB_WEBHOOK_SECRET", "GITHUB_TOKEN",
                 "GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITLAB_WEBHOOK_SECRET", "GITLAB_TOKEN",
                 "GITLAB_CA_FILE"):  # fmt: skip
        monkeypatch.delenv(f"GAVEL_{name}", raising=False)
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    return tmp_path


def found(environ: Mapping[str, str] | None = None) -> dict[str, Check]:
    return {check.name: check for check in examine(environ or {})}


def test_an_empty_home_is_told_to_pull_the_model(home: Path) -> None:
    checks = found()
    assert checks["model file"].status is Status.PROBLEM
    assert checks["model file"].remedy.startswith("run `gavel pull qwen")
    assert checks["weights cache"].status is Status.PROBLEM
    assert checks["python"].status is Status.OK


def test_a_file_with_another_hash_is_a_problem(home: Path) -> None:
    model = doctor.lookup(doctor.DEFAULT_MODEL)
    path = doctor.model_folder(home, model.name) / model.file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not it")
    check = found()["model file"]
    assert check.status is Status.PROBLEM
    assert hashlib.sha256(b"not it").hexdigest() in check.finding
    assert check.remedy.startswith("remove it")


def test_an_unknown_model_is_a_problem_that_names_the_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_MODEL", "gpt-9")
    assert found()["model file"].remedy == "correct GAVEL_MODEL"


def test_without_any_forge_the_command_line_alone_is_well(home: Path) -> None:
    checks = found()
    assert checks["webhook secret"].status is Status.UNSET
    assert checks["forge token"].status is Status.UNSET
    assert "GAVEL_GITHUB_TOKEN" in checks["forge token"].remedy


def test_a_secret_without_a_token_is_half_an_installation(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "s3cret")
    checks = found({"GAVEL_GITHUB_WEBHOOK_SECRET": "s3cret"})
    assert checks["webhook secret"].status is Status.OK
    assert checks["forge token"].status is Status.PROBLEM


def test_a_token_without_a_secret_is_half_an_installation(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN", "t0ken")
    checks = found()
    assert checks["webhook secret"].status is Status.PROBLEM
    assert checks["webhook secret"].finding == "GAVEL_GITHUB_WEBHOOK_SECRET is not set"
    assert checks["forge token"].status is Status.OK


def test_an_app_id_without_its_key_is_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_APP_ID", "12")
    assert found()["forge token"].finding == "GAVEL_GITHUB_PRIVATE_KEY is not set"


def test_a_database_that_is_not_migrated_is_a_problem(home: Path) -> None:
    (home / "gavel.sqlite").touch()
    assert found()["database"].status is Status.PROBLEM


def test_a_migrated_database_is_well(home: Path) -> None:
    upgrade(f"sqlite:///{home / 'gavel.sqlite'}")
    assert found()["database"].status is Status.OK


def test_a_database_of_a_newer_version_can_be_used(home: Path) -> None:
    upgrade(f"sqlite:///{home / 'gavel.sqlite'}")
    with closing(sqlite3.connect(home / "gavel.sqlite")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    check = found()["database"]
    assert (check.status, check.finding[-25:]) == (Status.OK, "tables of a newer version")


def test_a_broker_that_does_not_answer_is_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_BROKER_URL", f"redis+socket://{home / 'nobody.sock'}")
    check = found()["broker"]
    assert check.status is Status.PROBLEM
    assert "GAVEL_BROKER_URL" in check.remedy


def test_a_wrong_setting_ends_the_examination_with_its_name(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_IO_CHILDREN", "many")
    check = found()["settings"]
    assert check.status is Status.PROBLEM
    assert "GAVEL_IO_CHILDREN" in check.finding


def test_secrets_are_never_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_GITHUB_TOKEN", "hush-1")
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", " hush-2")
    monkeypatch.setenv("GAVEL_DATABASE_URL", "postgresql://me:hush-3@127.0.0.1:1/db")
    checks = examine({"GAVEL_GITHUB_WEBHOOK_SECRET": " hush-2"})
    assert "hush" not in as_json(checks) + as_text(checks).plain

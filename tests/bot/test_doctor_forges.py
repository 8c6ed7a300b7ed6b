"""What the doctor says of GitLab's secret, token and certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor_checks import Check, Status
from bot.doctor_forges import forges
from worker.settings import WorkerSettings

NAMES = ("GITHUB_WEBHOOK_SECRET", "GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_PRIVATE_KEY",
         "GITLAB_WEBHOOK_SECRET", "GITLAB_TOKEN", "GITLAB_CA_FILE")  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"GAVEL_{name}", raising=False)
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))


def found(monkeypatch: pytest.MonkeyPatch, **given: str) -> dict[str, Check]:
    environ = {f"GAVEL_{name.upper()}": value for name, value in given.items()}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return {check.name: check for check in forges(WorkerSettings(), environ)}


def test_gitlab_alone_is_well_and_nobody_asks_for_github(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = found(monkeypatch, gitlab_webhook_secret="s3cret", gitlab_token="t0ken")
    assert {name: check.status for name, check in checks.items()} == {
        "gitlab secret": Status.OK,
        "gitlab token": Status.OK,
    }
    assert "https://gitlab.com" in checks["gitlab token"].finding


def test_a_secret_without_a_token_is_half_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    check = found(monkeypatch, gitlab_webhook_secret="s3cret")["gitlab token"]
    assert check.status is Status.PROBLEM and "GAVEL_GITLAB_TOKEN" in check.finding


def test_a_token_without_a_secret_is_half_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    check = found(monkeypatch, gitlab_token="t0ken", github_webhook_secret="x")["gitlab secret"]
    assert check.status is Status.PROBLEM
    assert check.finding == "GAVEL_GITLAB_WEBHOOK_SECRET is not set"


def test_a_broken_signing_token_is_a_problem_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    check = found(monkeypatch, gitlab_webhook_secret="whsec_hush", gitlab_token="t")[
        "gitlab secret"
    ]
    assert check.status is Status.PROBLEM
    assert "hush" not in check.finding + check.remedy


def test_both_forges_are_looked_at_where_both_are_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = found(monkeypatch, gitlab_token="t", github_token="t")
    assert {"webhook secret", "forge token", "gitlab secret", "gitlab token"} == set(checks)


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_a_file_without_an_authority_is_a_problem(
    text: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    check = found(monkeypatch, gitlab_token="t", gitlab_ca_file=str(path))["gitlab authority"]
    assert check.status is Status.PROBLEM and "GAVEL_GITLAB_CA_FILE" in check.remedy


def test_a_file_with_an_authority_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    checks = found(monkeypatch, gitlab_token="t", gitlab_ca_file=certifi.where())
    assert checks["gitlab authority"].status is Status.OK


def test_a_secret_in_a_file_is_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret")
    checks = found(monkeypatch, github_webhook_secret_file=str(file), github_token="t0ken")
    assert checks["webhook secret"].status is Status.OK

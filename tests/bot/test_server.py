from __future__ import annotations

import importlib
from types import ModuleType

import pytest

import bot.server


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    """gunicorn's settings for these variables, as a new process reads them."""
    for name in ("GAVEL_DATABASE_URL", "GAVEL_RECEIVERS", "GAVEL_METRICS_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GAVEL_GITHUB_WEBHOOK_SECRET", "a secret of some length")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(bot.server)


def test_sqlite_has_one_writer_and_so_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).workers == 1


def test_postgresql_takes_several(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, GAVEL_DATABASE_URL="postgresql://gavel@db/gavel").workers in {2, 3, 4}
    url = "postgresql://gavel@db/gavel"
    assert [bot.server.default_workers(url, cores) for cores in (1, 2, 3, 64)] == [2, 2, 3, 4]


def test_the_number_of_processes_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, GAVEL_RECEIVERS="2").workers == 2


def test_a_wrong_configuration_still_loads_so_that_it_can_be_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = read(monkeypatch, GAVEL_GITHUB_WEBHOOK_SECRET=" ")
    with pytest.raises(SystemExit) as end:
        module.on_starting(None)
    assert end.value.code == module.WRONG_CONFIGURATION
    assert capsys.readouterr().err.startswith("gavel: GAVEL_GITHUB_WEBHOOK_SECRET")

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine
from werkzeug.security import generate_password_hash

from bot.app import create_app
from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from tests.histories import fill
from worker.store import admins
from worker.store.engine import open_engine
from worker.store.migrate import upgrade

NAME, PASSWORD = "root", "correct horse battery"
COUNT = 90
SignIn = Callable[[], FlaskClient]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with some reviews, feedback and one admin."""
    path = tmp_path_factory.mktemp("pages") / "gavel.sqlite"
    url = f"sqlite:///{path}"
    upgrade(url)
    engine = open_engine(url)
    fill(engine, COUNT, now=datetime.now(UTC), said=60)
    quick = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
    admins.keep(engine, NAME, quick, now=datetime.now(UTC))
    engine.dispose()
    return path


@pytest.fixture
def url(filled: Path, tmp_path: Path) -> str:
    shutil.copy(filled, tmp_path / "gavel.sqlite")
    return f"sqlite:///{tmp_path}/gavel.sqlite"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def pages(url: str, tmp_path: Path) -> DashboardSettings:
    return DashboardSettings(
        home=tmp_path,
        database_url=url,
        broker_url=f"redis+socket://{tmp_path}/nobody-listens.sock",
    )


@pytest.fixture
def app(pages: DashboardSettings) -> Flask:
    receiver = BotSettings(
        home=pages.home,
        database_url=pages.database_url,
        broker_url=pages.broker_url,
        github_webhook_secret=SecretStr("It's a Secret to Everybody"),
    )
    return create_app(receiver, pages=pages)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which the local admin is signed in."""
    client = app.test_client()
    answer = client.post(
        "/sign-in",
        data={"name": NAME, "password": PASSWORD, "csrf": token(client.get("/sign-in").text)},
    )
    assert answer.status_code == 302
    return client


def token(page: str) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]

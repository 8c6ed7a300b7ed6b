"""The dashboard in a real browser: a server in this process, and Debian's Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from werkzeug.security import generate_password_hash
from werkzeug.serving import make_server

from bot.app import create_app
from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from tests.browsing import AXE, PASSWORD, Look, Site, Tab, open_tab
from tests.histories import MODEL, fill, read_again
from tests.npm import NoNpm, file_of
from tests.serving import served
from worker.store import admins
from worker.store.engine import open_engine
from worker.store.migrate import upgrade

REPORT = {
    "model": MODEL,
    "n_rows": 400,
    "n_tasks": 80,
    "metrics": {
        "auc": {"value": 0.71, "interval": [0.66, 0.76], "n": 400, "unit": "rows"},
        "ece": {"value": 0.04, "interval": [0.02, 0.07], "n": 400, "unit": "rows"},
    },
}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with a history, two judges and a report."""
    home = tmp_path_factory.mktemp("site")
    (home / "evaluations").mkdir()
    (home / "evaluations" / "held-out.json").write_text(json.dumps(REPORT))
    with serving(home, reviews=120) as found:
        yield found


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation to which nothing was delivered yet."""
    with serving(tmp_path_factory.mktemp("new"), reviews=0) as found:
        yield found


@contextmanager
def serving(home: Path, *, reviews: int) -> Iterator[Site]:
    """A dashboard on a database with so many reviews."""
    url, broker = f"sqlite:///{home}/gavel.sqlite", f"redis+socket://{home}/none.sock"
    upgrade(url)
    engine = open_engine(url)
    if reviews:
        fill(engine, reviews, now=datetime.now(UTC), said=reviews - 10)
        read_again(engine, "smollm2-135m-instruct:head")
    quick = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
    admins.keep(engine, "root", quick, now=datetime.now(UTC))
    engine.dispose()
    pages = DashboardSettings(
        home=home,
        database_url=url,
        broker_url=broker,
        dashboard_url="http://gavel.example.org",
    )
    receiver = BotSettings(
        home=home, database_url=url, broker_url=broker, github_webhook_secret=SecretStr("s" * 32)
    )
    server = make_server("127.0.0.1", 0, create_app(receiver, pages=pages), threaded=True)
    with served(server):
        yield Site(f"http://127.0.0.1:{server.server_port}", url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed here (apt-get install chromium)")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed here (pip install playwright)"
    )
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    try:
        return file_of(AXE, "axe.min.js").read_text(encoding="utf-8")
    except NoNpm as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session", params=["light-wide", "dark-phone"])
def look(request: pytest.FixtureRequest) -> Look:
    """Light or dark, on a wide screen or a phone."""
    scheme, _, size = request.param.partition("-")
    width = {"wide": 1280, "phone": 390}[size]
    return Look(request.param, scheme, {"width": width, "height": 844})


@pytest.fixture(scope="session")
def tab(look: Look, chromium: object, site: Site) -> Iterator[Tab]:
    """A tab that looks so, in which the local admin is signed in."""
    found = open_tab(chromium, site, look)
    yield found
    found.page.context.close()

"""The dashboard in a real browser: a server in this process, and Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
from pydantic import SecretStr
from werkzeug.security import generate_password_hash
from werkzeug.serving import make_server

from bot.app import create_app
from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from tests.browsing import AXE, PASSWORD, Site, Tab, open_tab
from tests.histories import fill
from tests.npm import NoNpm, file_of
from worker.store import admins
from worker.store.engine import open_engine
from worker.store.migrate import upgrade


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    url, broker = f"sqlite:///{home}/gavel.sqlite", f"redis+socket://{home}/none.sock"
    upgrade(url)
    engine = open_engine(url)
    fill(engine, 120, now=datetime.now(UTC), said=110)
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
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", url)
    server.shutdown()
    thread.join()
    server.server_close()


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


@pytest.fixture(
    scope="session",
    params=["light-wide", "dark-phone"],
)
def tab(request: pytest.FixtureRequest, chromium: object, site: Site) -> Iterator[Tab]:
    """A tab on a wide screen in light, and one on a phone in dark."""
    scheme, _, size = request.param.partition("-")
    width = {"wide": 1280, "phone": 390}[size]
    found = open_tab(chromium, site, color_scheme=scheme, viewport={"width": width, "height": 844})
    found.name = request.param
    yield found
    found.page.context.close()

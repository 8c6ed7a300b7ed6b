"""Acts: what the browser tests share: a running dashboard, a tab of a browser, axe-core."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.npm import Package

AXE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
SHOTS = Path(__file__).parents[1] / "screenshots"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Site:
    """A running dashboard."""

    address: str
    database_url: str


@dataclass
class Tab:
    """A page of the browser, and what it did besides showing."""

    page: object
    name: str = ""
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        self.page.goto(path, wait_until="load")


def open_tab(chromium: object, site: Site, **options: object) -> Tab:
    """A tab of a new, empty browser profile in which the local admin is signed in."""
    context = chromium.new_context(base_url=site.address, **options)
    context.add_init_script(
        "window.shifted = 0; new PerformanceObserver((list) => {"
        "for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    tab = Tab(context.new_page())
    tab.page.on("console", lambda message: tab.said.append(f"{message.type}: {message.text}"))
    tab.page.on("pageerror", lambda error: tab.said.append(f"error: {error}"))
    tab.page.on("request", lambda request: tab.asked.append(request.url))
    tab.visit("/")
    tab.page.fill("#name", "root")
    tab.page.fill("#password", PASSWORD)
    tab.page.click("main button[type=submit]")
    return tab

"""Acts: what the browser tests share: a running dashboard, a tab of a browser, axe-core."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.npm import Package

AXE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
SHOTS = Path(__file__).parents[1] / "screenshots"
SERIOUS = ("serious", "critical")
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Site:
    """A running dashboard."""

    address: str
    database_url: str


@dataclass(frozen=True)
class Look:
    """A colour scheme and the size of a window."""

    name: str
    scheme: str
    window: dict[str, int]


WIDE = Look("light-wide", "light", {"width": 1280, "height": 844})


@dataclass
class Tab:
    """A page of the browser, and what it did besides showing."""

    page: object
    look: Look
    site: Site
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        self.said.clear()
        self.asked.clear()
        self.page.goto(path, wait_until="load")

    def check(self, name: str, axe: str, *, is_refusal: bool = False) -> None:
        """Keep a picture of what is shown; it is accessible, quiet and still, and asks nobody else.

        is_refusal  the browser itself says on the console that the page was refused
        """
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-{self.look.name}.png", full_page=True)
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = {
            one["id"]: [node["html"][:120] for node in one["nodes"][:3]]
            for one in found["violations"]
            if one["impact"] in SERIOUS
        }
        assert serious == {}, json.dumps(serious, indent=1)
        assert is_refusal or self.said == []
        assert [url for url in self.asked if not url.startswith(self.site.address)] == []
        assert self.page.evaluate("window.shifted") < 0.01
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 1, f"the page is {wide} pixels wider than the screen"


def new_tab(chromium: object, site: Site, look: Look = WIDE, **options: object) -> Tab:
    """A tab of a new, empty browser profile."""
    options = {"color_scheme": look.scheme, "viewport": look.window, **options}
    context = chromium.new_context(base_url=site.address, **options)
    context.add_init_script(
        "window.shifted = 0; new PerformanceObserver((list) => {"
        "for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    tab = Tab(context.new_page(), look, site)
    tab.page.on("console", lambda message: tab.said.append(f"{message.type}: {message.text}"))
    tab.page.on("pageerror", lambda error: tab.said.append(f"error: {error}"))
    tab.page.on("request", lambda request: tab.asked.append(request.url))
    return tab


def open_tab(chromium: object, site: Site, look: Look = WIDE, **options: object) -> Tab:
    """A new tab in which the local admin is signed in."""
    tab = new_tab(chromium, site, look, **options)
    tab.visit("/")
    tab.page.fill("#name", "root")
    tab.page.fill("#password", PASSWORD)
    tab.page.click("main button[type=submit]")
    return tab

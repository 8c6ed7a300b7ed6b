from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from tests.browsing import SHOTS, Site, Tab, open_tab
from worker.store.engine import open_engine, writing
from worker.store.tables import reviews

PAGES = {
    "reviews": "/",
    "repositories": "/repositories",
    "review": "/reviews/116",
    "repository": "/repositories/github/octo/rocket",
    "feedback": "/feedback",
    "judge": "/judge",
    "health": "/health",
    "setup": "/setup/github",
    "empty": "/?state=ignored",
}
SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_quiet_still_and_asks_nobody_else(
    tab: Tab, axe: str, site: Site, name: str
) -> None:
    tab.said.clear()
    tab.asked.clear()
    tab.visit(PAGES[name])
    SHOTS.mkdir(exist_ok=True)
    tab.page.screenshot(path=SHOTS / f"{name}-{tab.name}.png", full_page=True)
    tab.page.evaluate(axe)
    found = tab.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = {
        one["id"]: [node["html"][:120] for node in one["nodes"][:3]]
        for one in found["violations"]
        if one["impact"] in SERIOUS
    }
    assert serious == {}, json.dumps(serious, indent=1)
    assert tab.said == []
    assert [url for url in tab.asked if not url.startswith(site.address)] == []
    assert tab.page.evaluate("window.shifted") < 0.01


def test_no_page_is_wider_than_the_screen(tab: Tab) -> None:
    wide = []
    for path in PAGES.values():
        tab.visit(path)
        if tab.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wide.append(path)
    assert wide == []


def test_without_scripts_everything_can_be_read_and_done(chromium: object, site: Site) -> None:
    tab = open_tab(chromium, site, java_script_enabled=False)
    for path in PAGES.values():
        tab.visit(path)
        assert tab.page.locator("main h1").count() == 1
    tab.visit("/repositories/github/octo/hello")
    tab.page.select_option("#ceiling", "shadow")
    tab.page.click("#gate ~ form button")
    assert "Held at" in tab.page.inner_text("main")
    tab.page.context.close()


def test_the_keyboard_alone_reaches_the_content_and_the_theme(chromium: object, site: Site) -> None:
    tab = open_tab(chromium, site, color_scheme="light")
    tab.visit("/judge")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "main"
    tab.page.focus("#theme")
    tab.page.keyboard.press("Enter")
    tab.visit("/health")
    assert tab.page.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.page.context.close()


def test_a_list_follows_its_reviews_without_being_loaded_again(
    chromium: object, site: Site
) -> None:
    tab = open_tab(chromium, site)
    tab.visit("/")
    tab.page.evaluate("window.isSame = true")
    engine = open_engine(site.database_url)
    with writing(engine) as connection:
        connection.execute(update(reviews).where(reviews.c.id == 119).values(title="It moved"))
    engine.dispose()
    tab.page.wait_for_selector("text=It moved", timeout=60_000)
    assert tab.page.evaluate("window.isSame")
    tab.page.context.close()

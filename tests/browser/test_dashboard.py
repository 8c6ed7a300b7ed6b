from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.browsing import SHOTS, Look, Site, Tab, new_tab, open_tab
from worker.store.engine import open_engine, writing
from worker.store.tables import reviews

PAGES = {
    "reviews": "/",
    "reviews-failed": "/?state=failed",
    "repositories": "/repositories",
    "review": "/reviews/116",
    "review-moving": "/reviews/118",
    "review-failed": "/reviews/93",
    "repository": "/repositories/github/octo/rocket",
    "feedback": "/feedback",
    "feedback-disputed": "/feedback?show=disputed",
    "judge": "/judge",
    "health": "/health",
    "setup": "/setup/github",
    "empty": "/?state=ignored",
}
NEW = {"reviews": "/", "repositories": "/repositories", "feedback": "/feedback",
       "judge": "/judge", "health": "/health"}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_quiet_still_and_asks_nobody_else(
    tab: Tab, axe: str, name: str
) -> None:
    tab.visit(PAGES[name])
    tab.check(name, axe)


def test_a_page_that_is_not_there_says_so(tab: Tab, axe: str) -> None:
    tab.visit("/reviews/9999")
    assert "There is nothing here" in tab.page.inner_text("main")
    tab.check("nothing", axe, is_refusal=True)


def test_whoever_is_not_signed_in_is_asked_to_and_told_what_was_wrong(
    look: Look, chromium: object, axe: str, site: Site
) -> None:
    tab = new_tab(chromium, site, look)
    tab.visit("/feedback")
    tab.check("sign-in", axe)
    tab.page.fill("#name", "root")
    tab.page.fill("#password", "not the password")
    tab.page.keyboard.press("Enter")
    assert "password is wrong" in tab.page.inner_text("[role=alert]")
    tab.check("sign-in-wrong", axe, is_refusal=True)
    tab.page.context.close()


def test_an_installation_without_reviews_says_what_will_be_here(
    look: Look, chromium: object, axe: str, new_site: Site
) -> None:
    tab = open_tab(chromium, new_site, look)
    for name, path in NEW.items():
        tab.visit(path)
        tab.check(f"new-{name}", axe)
    tab.page.context.close()


def test_tables_are_drawn_and_can_be_shown_and_follow_the_theme(
    chromium: object, site: Site
) -> None:
    tab = open_tab(chromium, site)
    tab.visit("/repositories/github/octo/rocket")
    assert tab.page.evaluate("Object.keys(Chart.instances).length") == 4
    table, button = tab.page.locator("#coverage-table"), "[aria-controls=coverage-table]"
    assert not table.is_visible()
    tab.page.focus(button)
    tab.page.keyboard.press("Enter")
    assert table.is_visible()
    assert tab.page.get_attribute(button, "aria-expanded") == "true"
    bars = "Object.values(Chart.instances)[2].data.datasets[0].backgroundColor"
    before = tab.page.evaluate(bars)
    tab.page.click("#theme")
    assert tab.page.evaluate(bars) != before
    tab.page.context.close()


def test_without_scripts_everything_can_be_read_and_done(chromium: object, site: Site) -> None:
    tab = open_tab(chromium, site, java_script_enabled=False)
    for path in PAGES.values():
        tab.visit(path)
        assert tab.page.locator("main h1").count() == 1
    tab.visit("/repositories/github/octo/hello")
    assert tab.page.locator("table.figures").first.is_visible()
    assert not tab.page.locator("canvas").first.is_visible()
    SHOTS.mkdir(exist_ok=True)
    tab.page.screenshot(path=SHOTS / "repository-without-scripts.png", full_page=True)
    tab.page.select_option("#ceiling", "shadow")
    tab.page.click("#gate ~ form button")
    assert "Held at" in tab.page.inner_text("main")
    tab.page.context.close()


def test_the_keyboard_alone_reaches_the_content_and_the_theme(chromium: object, site: Site) -> None:
    tab = open_tab(chromium, site)
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


def test_a_page_that_cannot_be_refreshed_says_so(chromium: object, site: Site) -> None:
    tab = open_tab(chromium, site)
    tab.visit("/")
    assert not tab.page.locator("#told.problem").is_visible()
    tab.page.route("**/*", lambda route: route.abort())
    tab.page.wait_for_selector("#told.problem", timeout=60_000)
    tab.page.screenshot(path=SHOTS / "reviews-stale.png")
    tab.page.unroute_all()
    tab.page.wait_for_selector("#told.problem", state="detached", timeout=60_000)
    tab.page.context.close()

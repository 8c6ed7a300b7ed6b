"""A GitHub App is made on the dashboard, against the stand-in of GitHub."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from bot import app_secrets
from bot.app import create_app
from bot.dashboard.manifest import MAX_NAME, PERMISSIONS, app_name, page_of
from bot.dashboard.settings import DashboardSettings
from bot.demo.github_double import GitHubDouble
from bot.settings import BotSettings
from tests.bot.dashboard.conftest import NAME, PASSWORD, token
from tests.described import outside
from worker.forges.github_auth import PERMISSIONS as ASKED
from worker.forges.github_auth import client as github_client
from worker.forges.open import github_auth
from worker.settings import WorkerSettings

ADDRESS = "https://gavel.example.org"


class Double(GitHubDouble):
    """The stand-in, and where it listens."""

    address = ""


@pytest.fixture
def github() -> Iterator[Double]:
    double = Double(token="a-token")
    double.address = double.start()
    yield double
    double.stop()


@pytest.fixture
def pages(url: str, tmp_path, github: Double) -> DashboardSettings:
    return DashboardSettings(
        home=tmp_path,
        database_url=url,
        broker_url=f"redis+socket://{tmp_path}/nobody-listens.sock",
        dashboard_url=ADDRESS,
        github_url=github.address,
        github_web_url=github.address,
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["SESSION_COOKIE_SECURE"] = False
    client = app.test_client()
    form = {"name": NAME, "password": PASSWORD, "csrf": token(client.get("/sign-in").text)}
    assert client.post("/sign-in", data=form).status_code == 302
    return client


def make(client: FlaskClient, path: str = "/setup/github") -> str:
    """Press the button; the path at which GitHub sends the person back."""
    page = client.get(path).text
    action = re.search(r'<form method="post" action="([^"]*settings/apps/new[^"]*)"', page)
    asked = re.search(r'name="manifest" value="([^"]+)"', page)
    assert action and asked
    answer = requests.post(
        html.unescape(action[1]),
        data={"manifest": html.unescape(asked[1])},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix(ADDRESS)


def test_an_app_is_made_kept_and_signs_in(client, pages, github) -> None:
    answer = client.get(make(client))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/setup/github")
    kept = app_secrets.find(pages.home)
    assert kept is not None and kept.name == "Gavel gavel.example.org"
    shown = client.get("/setup/github").text
    assert f"{kept.html_url}/installations/new" in shown
    folder = pages.home / app_secrets.FOLDER
    assert not any((folder / name).read_text() in shown for name in app_secrets.FILES.values())
    settings = WorkerSettings(
        github_url=github.address,
        github_app_id=kept.app_id,
        github_private_key=SecretStr(str(folder / "private-key.pem")),
    )
    signed_in = github_client(
        github_auth(settings, 42), url=github.address, seconds_between_writes=0
    )
    assert signed_in.requester.auth.token.startswith("ghs_42_")
    signed_in.close()


def test_what_github_is_asked_is_as_it_describes(client, github) -> None:
    client.get(make(client))
    (found,) = [one for one in outside(github) if "/settings/apps/new" not in one] or [""]
    assert found == ""
    assert [one.path.rsplit("/", 1)[1] for one in github.requests] == ["new", "conversions"]


def test_an_organization_and_a_name_of_ones_own(client, pages) -> None:
    client.get(make(client, "/setup/github?name=Our%20judge&owner=octo-org"))
    kept = app_secrets.find(pages.home)
    assert kept is not None and kept.name == "Our judge"


def test_a_code_that_nobody_asked_for_is_refused(client, pages) -> None:
    back = make(client)
    forged = re.sub(r"state=[^&]+", "state=mine", back)
    assert client.get(forged).status_code == 400
    assert client.get(back).status_code == 400  # the state counts once
    assert app_secrets.find(pages.home) is None


@pytest.mark.parametrize("status", [404, 422, 500])
def test_a_refusal_of_github_is_told(client, github, status: int) -> None:
    back = make(client)
    github.fail_next(status, path="/conversions")
    answer = client.get(back)
    assert answer.status_code == 502 and f"({status})" in answer.text


def test_nobody_but_an_admin_sees_the_page(app: Flask) -> None:
    assert app.test_client().get("/setup/github").status_code == 302


def test_the_form_may_go_to_github_and_nothing_else_may(client, github) -> None:
    policy = client.get("/setup/github").headers["Content-Security-Policy"]
    assert f"form-action 'self' {github.address}" in policy and "default-src 'self'" in policy
    assert github.address not in client.get("/").headers["Content-Security-Policy"]


def test_without_an_address_the_page_says_what_to_set(url: str, tmp_path) -> None:
    pages = DashboardSettings(home=tmp_path, database_url=url, broker_url="memory://")
    receiver = BotSettings(
        home=tmp_path,
        database_url=url,
        broker_url="memory://",
        github_webhook_secret=SecretStr("It's a Secret to Everybody"),
    )
    browser = create_app(receiver, pages=pages).test_client()
    form = {"name": NAME, "password": PASSWORD, "csrf": token(browser.get("/sign-in").text)}
    browser.post("/sign-in", data=form)
    shown = browser.get("/setup/github").text
    assert "GAVEL_DASHBOARD_URL=" in shown and "manifest" not in shown


def test_the_app_asks_for_what_its_tokens_use() -> None:
    assert dict(PERMISSIONS) == {**ASKED, "merge_queues": "read"}


def test_names_and_owners_are_what_github_takes() -> None:
    assert app_name("", "https://" + "a" * 60) == ("Gavel " + "a" * 60)[:MAX_NAME]
    assert app_name(" A \n b\x1b ", "") == "A b"
    assert page_of("https://h", owner="../x", state="s") == "https://h/settings/apps/new?state=s"

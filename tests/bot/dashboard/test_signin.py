from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from bot.dashboard.access import Role, Viewer
from bot.dashboard.sessions import Sessions, key_in

PAGES = ["/", "/reviews/88", "/repositories", "/repositories/github/octo/rocket"]
PAGES += ["/feedback", "/judge", "/health"]
WRITES = ["/reviews/88/say/0000000000000000", "/feedback/1/undo", "/feedback/1/redo", "/sign-out"]
WRITES += [f"/repositories/github/octo/rocket/{what}" for what in ("gate", "forget")]


def form_token(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(
    stranger: FlaskClient, path: str
) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=")
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("path", WRITES)
def test_a_form_without_the_sessions_token_changes_nothing(client: FlaskClient, path: str) -> None:
    assert client.post(path, data={"csrf": "guessed"}).status_code == 403
    assert client.post(path).status_code == 403
    assert client.get("/").status_code == 200


def test_the_right_password_signs_in_and_out(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "root" in page
    client.post("/sign-out", data={"csrf": form_token(page)})
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(("name", "word"), [("root", "wrong"), ("nobody", "wrong"), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_words(
    stranger: FlaskClient, name: str, word: str
) -> None:
    csrf = form_token(stranger.get("/sign-in").text)
    answer = stranger.post("/sign-in", data={"name": name, "password": word, "csrf": csrf})
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text


def test_after_ten_failures_a_name_has_to_wait(stranger: FlaskClient) -> None:
    for _ in range(10):
        csrf = form_token(stranger.get("/sign-in").text)
        stranger.post("/sign-in", data={"name": "root", "password": "x", "csrf": csrf})
    csrf = form_token(stranger.get("/sign-in").text)
    data = {"name": "root", "password": "correct horse battery", "csrf": csrf}
    assert stranger.post("/sign-in", data=data).status_code == 429


def test_a_sign_in_form_of_another_browser_is_not_taken(stranger: FlaskClient, app: Flask) -> None:
    csrf = form_token(app.test_client().get("/sign-in").text)
    data = {"name": "root", "password": "correct horse battery", "csrf": csrf}
    assert "open for too long" in stranger.post("/sign-in", data=data).text
    assert stranger.get("/").status_code == 302


def test_the_page_after_signing_in_is_never_another_host(stranger: FlaskClient) -> None:
    csrf = form_token(stranger.get("/sign-in").text)
    data = {"name": "root", "password": "correct horse battery", "csrf": csrf}
    answer = stranger.post("/sign-in", data={**data, "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"


def test_the_cookie_holds_a_random_name_and_no_script_reads_it(client: FlaskClient) -> None:
    cookie = client.get_cookie("gavel")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    assert "root" not in cookie.value


def test_a_forged_cookie_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("gavel", "eyJuYW1lIjoicm9vdCJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/nowhere", "/static/style.css"])
def test_every_answer_forbids_what_is_not_ours(client: FlaskClient, path: str) -> None:
    with client.get(path, headers={"Accept": "text/html"}) as answer:
        page = answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert not {"unsafe-inline", "unsafe-eval", "data:", "http", "*"} & set(policy.split())
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.findall(r'<script(?![^>]*src="/static/)|style="| on[a-z]+="', page)


def test_a_session_is_found_by_every_receiver_until_its_time_is_over(engine: Engine) -> None:
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    sessions = Sessions(engine, clock=lambda: now[0])
    ada = Viewer("ada", "github", {"octo/hello": Role.WRITE})
    name = sessions.start(ada)
    other = Sessions(engine, clock=lambda: now[0]).find(name)
    assert other is not None
    assert other.viewer == ada
    now[0] += timedelta(minutes=30)
    assert sessions.find(name) is None


def test_a_session_that_is_closed_is_over_and_its_name_is_nowhere(engine: Engine) -> None:
    sessions = Sessions(engine)
    name = sessions.start(Viewer("root", is_admin=True))
    with engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM sessions").all())
    assert name not in kept
    sessions.end(name)
    assert sessions.find(name) is None


def test_the_key_is_made_once_and_for_this_user_alone(tmp_path: object) -> None:
    home = tmp_path / "home"  # type: ignore[operator]
    assert key_in(home) == key_in(home)
    assert (home / "dashboard.key").stat().st_mode & 0o777 == 0o600


def test_webhooks_and_probes_answer_as_before(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"
    assert client.post("/webhooks/github", data=b"{}").status_code == 401
    assert client.get("/webhooks/github").get_json()["status"] == "refused"
    assert client.post("/nowhere").get_json()["status"] == "refused"

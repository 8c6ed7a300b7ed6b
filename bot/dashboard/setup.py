"""Acts: the page that makes a GitHub App for this installation and keeps its secrets.

Only a local admin gets here. The page sends its form to GitHub, which asks the person, makes the
App and sends them back with a code; the code is exchanged for the App's secrets, once.
"""

from __future__ import annotations

import hmac
import json
import secrets
from urllib.parse import quote, urlsplit

import requests
import structlog
from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError

from bot import app_secrets
from bot.app_secrets import AppSecrets, KeptApp
from bot.dashboard.manifest import CODE, app_name, manifest, page_of
from bot.dashboard.web import NAME, Board, must, signed_in, viewer

TIMEOUT_S = 20
USER_AGENT = "gavel-bot"
HOME = "/setup/github"

log = structlog.get_logger("gavel.dashboard")


class NotMade(Exception):
    """There is no App, for a reason that the page tells in one sentence."""


class _Made(BaseModel):
    """The parts of GitHub's answer that are kept."""

    model_config = ConfigDict(extra="ignore")

    id: int
    name: str
    html_url: str
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str


def add_setup(blueprint: Blueprint, board: Board) -> None:
    """Add the pages that make a GitHub App."""

    @blueprint.get(HOME)
    @signed_in
    def setup() -> ResponseReturnValue:
        must(viewer().is_admin)
        return _page(board)

    @blueprint.get(f"{HOME}/made")
    @signed_in
    def made() -> ResponseReturnValue:
        must(viewer().is_admin)
        state, asked = str(cookie.pop("app", "")), request.args.get("state", "")
        code = request.args.get("code", "")
        is_ours = bool(state) and hmac.compare_digest(state.encode(), asked.encode())
        if not is_ours or not CODE.fullmatch(code):
            return _page(board, problem="This App was not asked for here: start again."), 400
        try:
            found = _exchange(board.settings.github_url, code)
            _keep(board, found)
        except NotMade as problem:
            log.warning("no app was kept", reason=str(problem))
            return _page(board, problem=f"{problem}."), 502
        log.info("a GitHub App was made", app_id=found.id)
        return redirect(HOME)


def _page(board: Board, *, problem: str = "") -> str:
    address, web = board.settings.dashboard_url, board.settings.github_web_url
    state = secrets.token_urlsafe(32)
    cookie["app"] = state
    g.form_goes_to = web
    name = app_name(request.args.get("name", "")[:200], address)
    owner = request.args.get("owner", "").strip()[:100]
    asked = manifest(
        address,
        name=name,
        redirect=f"{address}{url_for(f'{NAME}.made')}",
        callback=f"{address}{url_for(f'{NAME}.callback', forge='github')}",
    )
    return render_template(
        "setup.html",
        problem=problem,
        app=app_secrets.find(board.settings.home),
        is_reachable=bool(address),
        is_local=urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"},
        action=page_of(web, owner=owner, state=state),
        manifest=json.dumps(asked),
        name=name,
        owner=owner,
        permissions=asked["default_permissions"],
        events=asked["default_events"],
    )


def _exchange(api: str, code: str) -> _Made:
    """The App that GitHub made, with its secrets. Raises NotMade."""
    address = f"{api}/app-manifests/{quote(code, safe='')}/conversions"
    headers = {"Accept": "application/vnd.github+json", "User-Agent": USER_AGENT}
    try:
        answer = requests.post(address, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise NotMade("GitHub cannot be reached now: start again later") from error
    if answer.status_code != 201:
        raise NotMade(f"GitHub did not give the App out ({answer.status_code}): start again")
    try:
        return _Made.model_validate_json(answer.content)
    except ValidationError as error:
        raise NotMade("GitHub's answer has another shape than documented") from error


def _keep(board: Board, found: _Made) -> None:
    app = KeptApp(found.id, found.name, found.html_url, found.client_id)
    try:
        app_secrets.keep(
            board.settings.home,
            app,
            AppSecrets(found.pem, found.webhook_secret, found.client_secret),
        )
    except OSError as error:
        raise NotMade(
            f"the home cannot be written ({error.strerror}): delete the App on GitHub, start again"
        ) from error

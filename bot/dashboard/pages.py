"""Acts: the dashboard's composition root: one blueprint with every page."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from bot.dashboard.actions import add_actions
from bot.dashboard.judges import add_judge
from bot.dashboard.lists import add_lists
from bot.dashboard.oauth import doors
from bot.dashboard.one_review import add_review
from bot.dashboard.repository import add_repository
from bot.dashboard.sessions import Sessions, key_in
from bot.dashboard.settings import DashboardSettings
from bot.dashboard.setup import add_setup
from bot.dashboard.signin import add_sign_in
from bot.dashboard.web import HEADERS, NAME, Board, page_of_error, prepare

PAGES = (add_sign_in, add_lists, add_review, add_repository, add_judge, add_actions, add_setup)
MACHINES = ("/webhooks", "/healthz", "/readyz", "/metrics")
MOST_FORM_BYTES = 20_000


def add_dashboard(app: Flask, engine: Engine, settings: DashboardSettings) -> None:
    """Serve the pages beside whatever `app` serves already."""
    secret = settings.dashboard_secret
    app.secret_key = secret.get_secret_value() if secret else key_in(settings.home)
    app.config.update(
        SESSION_COOKIE_NAME="gavel",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_secure,
    )
    blueprint = Blueprint(
        NAME, "bot", template_folder="templates", static_folder="static", static_url_path="/static"
    )
    board = Board(engine, settings, Sessions(engine), doors(settings))
    prepare(blueprint, board)

    @blueprint.before_request
    def limit_form() -> None:
        request.max_content_length = MOST_FORM_BYTES

    for add in PAGES:
        add(blueprint, board)
    app.register_blueprint(blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def refusal_page(error: HTTPException) -> ResponseReturnValue | None:
    """The refusal as a page where a browser asked for one; None for everybody else."""
    is_machine = request.path.startswith(MACHINES)
    accepts = request.accept_mimetypes
    wants_page = accepts["text/html"] > accepts["application/json"]
    if is_machine or request.method != "GET" or not wants_page:
        return None
    body, code = page_of_error(error.code or 500)
    return body, code, dict(HEADERS)

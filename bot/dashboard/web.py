"""Acts: what every page shares: who asks, tokens in forms, headers, refusals, templates."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TypeVar, cast

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden, HTTPException

from bot.dashboard import words
from bot.dashboard.access import Viewer
from bot.dashboard.oauth import Door
from bot.dashboard.sessions import Session, Sessions
from bot.dashboard.settings import DashboardSettings

NAME = "dashboard"
LARGEST_ID = 2**31 - 1  # of an integer column on PostgreSQL
# Nothing from elsewhere, nothing inline, never in a frame. No page makes an exception of what is
# loaded; that of the GitHub App may send its form to GitHub, where a person asks for it.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAYS: Mapping[int, tuple[str, str]] = {
    400: ("This request cannot be read", "Go back, load the page again and repeat it."),
    403: ("You may not do this", "Ask somebody with more rights on the repository."),
    404: (
        "There is nothing here",
        "It may have been deleted, or you may lack the right to read its repository.",
    ),
    429: ("Too many attempts", "Wait five minutes and try again."),
    503: ("The database does not answer", "The page will work once it does: load it again."),
}
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Board:
    """What the pages work with. `clock` gives aware times."""

    engine: Engine
    settings: DashboardSettings
    sessions: Sessions
    doors: Mapping[str, Door]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def prepare(blueprint: Blueprint, board: Board) -> None:
    """Give a blueprint its session, headers, refusals and the words of its templates."""

    @blueprint.before_request
    def find_session() -> None:
        g.session = board.sessions.find(str(cookie.get("name", "")))
        if request.method == "POST" and g.session is not None:
            _check_token(g.session)

    @blueprint.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if to := g.get("form_goes_to"):  # one page's form goes to the forge; nothing is loaded
            response.headers["Content-Security-Policy"] = POLICY.replace(
                "form-action 'self'", f"form-action 'self' {to}"
            )
        if request.endpoint != f"{NAME}.static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.context_processor
    def shared() -> dict[str, object]:
        found = session()
        return {
            "viewer": found.viewer if found else None,
            "csrf": found.csrf if found else "",
            "now": board.clock(),
            "words": words,
        }

    blueprint.register_error_handler(HTTPException, refusal)
    blueprint.register_error_handler(SQLAlchemyError, lambda _: page_of_error(503))


def session() -> Session | None:
    """The session of whoever asks, or None."""
    return cast("Session | None", g.get("session"))


def viewer() -> Viewer:
    """Whoever asks. Only inside a view that is behind `signed_in`."""
    found = session()
    if found is None:
        raise Forbidden
    return found.viewer


def signed_in(view: View) -> View:
    """A view that sends whoever is not signed in to the sign-in page, and back afterwards."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
        if session() is None:
            back = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return redirect(url_for(f"{NAME}.sign_in", next=back))
        return view(*args, **kwargs)

    return cast("View", guarded)


def must(is_allowed: bool, code: int = 404) -> None:
    """Refuse unless it is allowed. What may not be seen does not exist: 404."""
    if not is_allowed:
        abort(code)


def before() -> int | None:
    """The id below which a list goes on, from the address; None for its beginning."""
    asked = request.args.get("before", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    return number if number is None or number <= LARGEST_ID else None


def safe_path(asked: str) -> str:
    """A path of these pages to go to next: never another host.

    >>> safe_path("/feedback?before=9"), safe_path("//evil.example"), safe_path("https://e.com")
    ('/feedback?before=9', '/', '/')
    """
    is_own = asked.startswith("/") and not asked.startswith(("//", "/\\"))
    return asked if is_own and asked.isprintable() else "/"


def refusal(error: HTTPException) -> ResponseReturnValue:
    """A refusal as a page."""
    return page_of_error(error.code or 500)


def page_of_error(code: int) -> tuple[str, int]:
    """A page that says what is wrong and what to do."""
    title, remedy = SAYS.get(code, ("This did not work", "Try again; the log says more."))
    return render_template("error.html", code=code, title=title, remedy=remedy), code


def _check_token(found: Session) -> None:
    given = request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), found.csrf.encode()):
        abort(403)

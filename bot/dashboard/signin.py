"""Acts: the pages that sign people in and out."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.security import check_password_hash

from bot.dashboard import oauth
from bot.dashboard.access import Viewer
from bot.dashboard.oauth import Door, SignInFailed
from bot.dashboard.web import NAME, Board, must, page_of_error, safe_path, session
from worker.store import admins

TRIES, WINDOW_S = 10, 300.0
MOST_NAMES = 10_000
# Checked where there is no such admin, so that the time tells nobody which names exist.
NO_ADMIN = (
    "scrypt:32768:8:1$DtLQ3u5k0bVbXH9d$"
    "6d1fe40b3ac62fb8fb06a5a8e7e9a60db48a2ea06dfb9aa45ae6a1a1cf4d6b86"
    "a2bd9e7d3cd7e6af84ec5f8a6d4ff05b1eb59a90f4d08e95cf0ae2d0c87c2c52"
)

log = structlog.get_logger("gavel.dashboard")


@dataclass
class Attempts:
    """How often each name failed to sign in lately. Safe to use from many threads."""

    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lock: Lock = field(default_factory=Lock)

    def is_too_many(self, name: str) -> bool:
        """Whether that name has to wait."""
        with self._lock:
            since = self.clock() - WINDOW_S
            kept = [one for one in self._failed.get(name, ()) if one > since]
            return len(kept) >= TRIES

    def failed(self, name: str) -> None:
        """Note a failure."""
        with self._lock:
            if len(self._failed) >= MOST_NAMES:
                self._failed.clear()
            self._failed[name] = [*self._failed[name], self.clock()][-TRIES:]


def add_sign_in(blueprint: Blueprint, board: Board) -> None:
    """Add the pages that sign in and out."""
    attempts = Attempts()

    @blueprint.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        if session() is not None:
            return redirect("/")
        return _form(board)

    @blueprint.post("/sign-in")
    def sign_in_admin() -> ResponseReturnValue:
        if not _same(cookie.get("form", ""), request.form.get("csrf", "")):
            return _form(board, problem="This page was open for too long: sign in again.")
        name = request.form.get("name", "")[:100]
        if attempts.is_too_many(name):
            return page_of_error(429)
        known = admins.password_hash(board.engine, name)
        password = request.form.get("password", "")[:1000]
        if not check_password_hash(known or NO_ADMIN, password) or known is None:
            attempts.failed(name)
            log.warning("sign-in refused")
            return _form(board, problem="The name or the password is wrong."), 401
        return _enter(board, Viewer(name, is_admin=True))

    @blueprint.get("/sign-in/<forge>")
    def sign_in_forge(forge: str) -> ResponseReturnValue:
        must(forge in board.doors)
        address, state, verifier = oauth.begin(board.doors[forge], back=_back(board, forge))
        after = safe_path(request.args.get("next", "/"))
        cookie["asked"] = {"forge": forge, "state": state, "verifier": verifier, "next": after}
        return redirect(address)

    @blueprint.get("/sign-in/<forge>/callback")
    def callback(forge: str) -> ResponseReturnValue:
        must(forge in board.doors)
        asked = cookie.pop("asked", None) or {}
        is_ours = asked.get("forge") == forge and _same(
            asked.get("state", ""), request.args.get("state", "")
        )
        if not is_ours or not request.args.get("code"):
            return _form(board, problem="The sign-in was not finished: start again."), 400
        return _finish(board, board.doors[forge], asked["verifier"], asked["next"])

    @blueprint.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        board.sessions.end(str(cookie.get("name", "")))
        cookie.clear()
        return redirect(url_for(f"{NAME}.sign_in"))


def _finish(board: Board, door: Door, verifier: str, after: str) -> ResponseReturnValue:
    try:
        found = oauth.finish(
            door,
            code=request.args["code"],
            verifier=verifier,
            back=_back(board, door.forge),
        )
    except SignInFailed as problem:
        log.warning("sign-in refused", forge=door.forge)
        return _form(board, problem=f"{problem}."), 502
    return _enter(board, found, after=after)


def _enter(board: Board, viewer: Viewer, *, after: str | None = None) -> ResponseReturnValue:
    """Start a session under a new name, whatever the cookie held before."""
    cookie.clear()
    cookie["name"] = board.sessions.start(viewer)
    log.info("signed in", forge=viewer.forge)
    return redirect(safe_path(after if after is not None else request.form.get("next", "/")))


def _form(board: Board, *, problem: str = "") -> str:
    """The sign-in page, with a token that binds the form to this browser."""
    token = secrets.token_urlsafe(32)
    cookie["form"] = token
    return render_template(
        "sign_in.html",
        problem=problem,
        doors=board.doors,
        has_admin=admins.is_any(board.engine),
        form_token=token,
        after=safe_path(request.values.get("next", "/")),
    )


def _back(board: Board, forge: str) -> str:
    return f"{board.settings.dashboard_url}{url_for(f'{NAME}.callback', forge=forge)}"


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and bool(one) and hmac.compare_digest(one.encode(), other.encode())

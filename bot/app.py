"""The receiver: its composition root. Acts: opens the database and the queue for this process.

`gavel serve` runs it as

    gunicorn --config python:bot.server "bot.app:from_environment()"

`bot.server` holds gunicorn's settings and refuses to start on a wrong configuration. The
tables must exist (`worker.store.migrate.upgrade`); until they do, /readyz says so and
deliveries get 503. Routes: POST /webhooks/<forge>, GET /healthz, GET /readyz. Every answer of
these is `{"status": ..., "reason": ...}`. The pages of `bot.dashboard` are served beside them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from werkzeug.exceptions import HTTPException

from bot import webhook
from bot.dashboard.pages import add_dashboard, refusal_page
from bot.dashboard.settings import DashboardSettings
from bot.dashboard.settings import load as load_pages
from bot.dashboard.web import NAME as PAGES_NAME
from bot.settings import BotSettings, SettingsError, load
from bot.takers import takers
from bot.webhook import Answer, Desk, NotSent, NotStored
from worker import queue
from worker.fuse import Fuse
from worker.jobs import ReviewJob
from worker.store import crowd
from worker.store.deliveries import Recorded
from worker.store.engine import StoreError, open_engine
from worker.store.migrate import is_usable
from worker.store.rounds import Rounds
from worker.telemetry import set_up_logging

# GitHub hangs up after 10 s: a locked database has to be reported well before.
WAIT_FOR_LOCK_MS = 5_000
WORKER_BOOT_ERROR = 3  # gunicorn stops instead of trying again: gunicorn/arbiter.py


def create_app(
    settings: BotSettings,
    *,
    wait_for_lock_ms: int = WAIT_FOR_LOCK_MS,
    pages: DashboardSettings | None = None,
) -> Flask:
    """The receiver for `settings`. Raises StoreError for an impossible database URL.

    pages  settings of the dashboard, which is served beside the webhooks; None serves none
    """
    engine = _open(settings.database_url, wait_for_lock_ms)
    record_one = _recorder(engine)
    send_on = Fuse(partial(queue.send, queue.make_app(settings.broker_url)))

    def record(job: ReviewJob) -> int:
        try:
            return record_one(job).review_id
        except SQLAlchemyError as error:
            raise NotStored("the database does not take it now") from error

    def send(review_id: int) -> None:
        try:
            send_on("prepare", review_id)
        except queue.BrokerDown as error:
            raise NotSent from error

    app = Flask(__name__, static_folder=None)
    app.register_blueprint(
        webhook.routes(Desk(settings.secrets(), record, send, takers(engine, send_on)))
    )
    app.register_error_handler(HTTPException, _refusal)
    app.add_url_rule("/healthz", view_func=_health)
    app.add_url_rule("/readyz", "readyz", lambda: _readiness(engine))
    if pages is not None:
        add_dashboard(app, engine, pages)
    return app


def _recorder(engine: Engine) -> Callable[[ReviewJob], Recorded]:
    """Records a job and returns when it is committed. Raises SQLAlchemyError."""

    def record_all(jobs: Sequence[ReviewJob]) -> list[Recorded]:
        return crowd.record_all(engine, jobs, now=datetime.now(UTC))

    # A commit waits for the disk and a statement for the database: who comes meanwhile goes along.
    return Rounds(record_all, is_everybodys=lambda failure: isinstance(failure, OperationalError))


def from_environment() -> Flask:
    """The receiver for the settings in the environment, as gunicorn loads it."""
    try:
        settings = load()
        set_up_logging(settings.log_level, as_json=settings.log_format == "json")
        return create_app(settings, pages=load_pages())
    except (SettingsError, StoreError) as problem:
        sys.stderr.write(f"gavel: {problem}\n")
        raise SystemExit(WORKER_BOOT_ERROR) from None


def _open(url: str, wait_for_lock_ms: int) -> Engine:
    """The engine of this process, which waits less long for a lock than a worker does."""
    engine = open_engine(url)

    def wait_less(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {wait_for_lock_ms}")
        cursor.close()

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", wait_less)
    return engine


def _health() -> ResponseReturnValue:
    """This process answers."""
    return Answer(200, "ok", "").response()


def _readiness(engine: Engine) -> ResponseReturnValue:
    """Deliveries can be recorded. The broker does not matter for that."""
    try:
        if is_usable(engine):
            return Answer(200, "ok", "").response()
    except SQLAlchemyError:
        return Answer(503, "failed", "the database cannot be reached").response()
    return Answer(503, "failed", "the database has not the tables of this version").response()


def _refusal(error: HTTPException) -> ResponseReturnValue:
    """Flask's own refusals, and whatever else goes wrong, in the form of every answer.

    A browser gets a page, where there are pages.
    """
    page = refusal_page(error) if PAGES_NAME in current_app.blueprints else None
    if page is not None:
        return page
    code = error.code or 500
    status = "failed" if code >= 500 else "refused"
    return Answer(code, status, error.name.lower()).response()

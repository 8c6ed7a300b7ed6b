"""Acts: answers /metrics, /healthz and /readyz for a service and all its processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import SQLAlchemyError

from worker.metrics_home import VARIABLE
from worker.store.engine import StoreError, open_engine
from worker.store.migrate import is_usable
from worker.store.queue_state import waiting

log = structlog.get_logger("gavel.metrics")
Problem = str  # what keeps a service from working, in one sentence; "" for nothing


class QueueCollector:
    """The queue as the database has it, looked up at each scrape."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """How many reviews wait in each state, and how long the first of them has."""
        count = GaugeMetricFamily(
            "gavel_reviews_waiting", "Unfinished reviews, by state.", labels=["state"]
        )
        age = GaugeMetricFamily(
            "gavel_oldest_waiting_seconds", "Age of the oldest of them.", labels=["state"]
        )
        up = GaugeMetricFamily("gavel_database_up", "Whether the database answers.")
        try:
            engine = open_engine(self._database_url, is_pooled=False)
            for state, found in waiting(engine, now=datetime.now(UTC)).items():
                count.add_metric([state], found.count)
                age.add_metric([state], found.oldest_s)
            up.add_metric([], 1)
        except SQLAlchemyError:
            up.add_metric([], 0)
        yield from (count, age, up)


def database_problem(database_url: str) -> Problem:
    """Why the database cannot be used, or ""."""
    try:
        if is_usable(open_engine(database_url, is_pooled=False)):
            return ""
    except (SQLAlchemyError, StoreError):
        return "the database cannot be reached"
    return "the database has not the tables of this version"


def serve(
    host: str, port: int, *, database_url: str, problems: tuple[Callable[[], Problem], ...] = ()
) -> int:
    """Answer on `host`:`port` from a thread, 0 for any free port; returns the port.

    problems  what else has to work for the service to be ready, besides the database
    """
    counted = REGISTRY
    if VARIABLE in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    queue = CollectorRegistry()
    queue.register(QueueCollector(database_url))
    checks: tuple[Callable[[], Problem], ...] = (partial(database_problem, database_url), *problems)

    def metrics() -> tuple[int, str]:
        return 200, "".join(generate_latest(one).decode() for one in (counted, queue))

    def ready() -> tuple[int, str]:
        found = [problem for check in checks if (problem := check())]
        return (503, "; ".join(found) + "\n") if found else (200, "ok\n")

    pages: dict[str, Callable[[], tuple[int, str]]] = {
        "/metrics": metrics,
        "/readyz": ready,
        "/healthz": lambda: (200, "ok\n"),
    }

    class Handler(BaseHTTPRequestHandler):
        """Three pages, all of them without parameters."""

        def do_GET(self) -> None:
            page = pages.get(self.path)
            status, text = page() if page else (404, "not found\n")
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a probe every few seconds would drown the log."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_port)

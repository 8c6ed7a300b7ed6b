"""Spans go to a collector over OTLP, of all processes in one trace, and none is lost at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="pip install '.[traces]'")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.serving import served
from worker.tracing import ASKED_FOR

SENDER = """
from worker import tracing
with tracing.span("delivery", forge="github"):
    print(tracing.outgoing()["traceparent"])
"""
WORKER = """
import sys
from worker import tracing
with tracing.span("prepare", {"traceparent": sys.argv[1]}):
    pass
"""


class Collector:
    """A small collector: keeps what is posted to it."""

    def __init__(self) -> None:
        self.received: list[tuple[str, ExportTraceServiceRequest]] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((self.path, ExportTraceServiceRequest.FromString(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    with served(made.server):
        yield made


def run(code: str, *arguments: str, endpoint: str) -> str:
    environment = {**os.environ, ASKED_FOR: endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_one_trace_leads_from_the_delivery_to_the_worker(collector: Collector) -> None:
    parent = run(SENDER, endpoint=collector.url)
    run(WORKER, parent, endpoint=collector.url)
    spans = {}
    for path, request in collector.received:
        assert path == "/v1/traces"
        for of_service in request.resource_spans:
            about = {one.key: one.value.string_value for one in of_service.resource.attributes}
            assert about["service.name"] == "gavel"
            for scope in of_service.scope_spans:
                spans |= {span.name: span for span in scope.spans}
    assert set(spans) == {"delivery", "prepare"}
    assert spans["delivery"].trace_id.hex() == parent.split("-")[1]
    assert spans["prepare"].trace_id == spans["delivery"].trace_id
    assert spans["prepare"].parent_span_id == spans["delivery"].span_id
    said = {one.key: one.value.string_value for one in spans["delivery"].attributes}
    assert said["forge"] == "github"


def test_a_collector_that_is_not_there_keeps_nobody_from_working() -> None:
    assert run(SENDER, endpoint="http://127.0.0.1:9").startswith("00-")

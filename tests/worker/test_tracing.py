from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from celery.contrib.testing.worker import start_worker
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from worker import tasks, tracing
from worker.queue import make_app, send


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "tracer", lambda: provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_nothing_is_traced_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.ASKED_FOR, raising=False)
    tracing.tracer.cache_clear()
    assert tracing.outgoing() == {}
    with tracing.span("x", forge="github"):
        assert not trace.get_current_span().get_span_context().is_valid


def test_a_task_goes_on_in_the_trace_of_who_sent_it(spans: InMemorySpanExporter) -> None:
    app = make_app("memory://")
    done, is_run = [], Event()

    def prepare(review_id: int) -> None:
        done.append(review_id)
        is_run.set()

    tasks._add(app, prepare, limit_s=5)
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["io"]):
        with tracing.span("delivery"):
            send(app, "prepare", 7)
        assert is_run.wait(30)
    assert done == [7]
    sent, ran = sorted(spans.get_finished_spans(), key=lambda span: span.name)
    assert (sent.name, ran.name) == ("delivery", "prepare")
    assert ran.parent is not None
    assert ran.parent.span_id == sent.context.span_id
    assert ran.context.trace_id == sent.context.trace_id

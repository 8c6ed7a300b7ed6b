"""Acts: traces of one review across the queue, where OpenTelemetry is installed and asked for.

A sender writes the W3C `traceparent` of its span into the message's headers, and the worker goes
on from there: one trace leads from the delivery to the comment. Without the package, or without
`OTEL_EXPORTER_OTLP_ENDPOINT` in the environment, nothing is imported and nothing is sent.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

ASKED_FOR = "OTEL_EXPORTER_OTLP_ENDPOINT"  # opentelemetry.io/docs/specs/otel/protocol/exporter
HEADERS = ("traceparent", "tracestate")  # w3.org/TR/trace-context


def outgoing() -> dict[str, str]:
    """Headers for a message that the present span sends; empty where nothing is traced."""
    headers: dict[str, str] = {}
    if tracer() is not None:
        from opentelemetry.propagate import inject

        inject(headers)
    return headers


def incoming(request: object) -> dict[str, str]:
    """The headers of a message that a task was called by, those that name its trace."""
    found = {name: getattr(request, name, None) for name in HEADERS}
    return {name: str(value) for name, value in found.items() if value}


@contextmanager
def span(
    name: str, headers: Mapping[str, str] | None = None, **attributes: str | int
) -> Iterator[None]:
    """Run the block in a span called `name`, which goes on from a message's `headers`."""
    found = tracer()
    if found is None:
        yield
        return
    from opentelemetry.propagate import extract

    context = extract(headers) if headers else None
    with found.start_as_current_span(name, context=context, attributes=attributes):
        yield


@cache
def tracer() -> Tracer | None:
    """The tracer of this process, made at its first span; None where nothing is traced.

    A child makes its own after the fork: the exporter has a thread.
    """
    if ASKED_FOR not in os.environ or not _is_installed():
        return None
    from opentelemetry import trace

    _export()
    return trace.get_tracer("gavel")


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def _export() -> None:
    """Send spans in batches to the endpoint that the environment names."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "gavel"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)

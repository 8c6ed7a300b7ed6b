"""Acts: structured logs, one line per event, with `delivery_id` and `change` in each."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TextIO

import structlog

# Never logged, whatever a caller passes: what a change holds, and what opens doors.
NOT_LOGGED = frozenset(
    {"authorization", "body", "code", "diff", "headers", "password", "private_key", "prompt"}
    | {"secret", "signature", "token"}
)


def set_up_logging(
    level: str = "INFO", *, as_json: bool = True, stream: TextIO | None = None
) -> None:
    """Send our lines and those of libraries to `stream` (standard error), in one form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


@contextmanager
def about(*, delivery_id: str, change: str, review_id: int | None = None) -> Iterator[None]:
    """Every line logged inside the block names this delivery, this change and this review."""
    names: dict[str, object] = {"delivery_id": delivery_id, "change": change}
    if review_id is not None:
        names["review_id"] = review_id
    with structlog.contextvars.bound_contextvars(**names):
        yield


def without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> Mapping[str, object]:
    """The event with the values of forbidden keys left out."""
    for key in event.keys() & NOT_LOGGED:
        event[key] = "[not logged]"
    return event

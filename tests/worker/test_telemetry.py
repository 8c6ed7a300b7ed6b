from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from worker.telemetry import about, set_up_logging


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logging(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_names_the_delivery_and_the_change(lines: io.StringIO) -> None:
    with about(delivery_id="d1", change="github:octo/hello#7@a1"):
        structlog.get_logger().info("prepared", snippets=3)
        logging.getLogger("urllib3").warning("slow %s", "answer")
    structlog.get_logger().info("idle")
    ours, theirs, outside = logged(lines)
    assert ours["event"] == "prepared"
    assert ours["snippets"] == 3
    assert ours["delivery_id"] == theirs["delivery_id"] == "d1"
    assert ours["change"] == theirs["change"] == "github:octo/hello#7@a1"
    assert theirs["event"] == "slow answer"
    assert "change" not in outside


def test_bodies_code_and_tokens_are_never_logged(lines: io.StringIO) -> None:
    structlog.get_logger().info(
        "x", token="hunter2", code="hunter2", body="hunter2", diff="hunter2"
    )
    logging.getLogger("library").warning("y", extra={"authorization": "hunter2"})
    assert "hunter2" not in lines.getvalue()
    assert len(logged(lines)) == 2


def test_a_traceback_stays_on_its_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("no\nway")
    except ValueError:
        structlog.get_logger().exception("a stage failed")
    (line,) = logged(lines)
    assert "ValueError" in str(line["exception"])
    assert line["level"] == "error"

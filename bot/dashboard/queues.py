"""Acts: asks the broker how many messages wait."""

from __future__ import annotations

from functools import lru_cache

from celery import Celery  # type: ignore[import-untyped]
from kombu.exceptions import ChannelError, OperationalError

from worker.queue import make_app

QUEUES = ("io", "gpu")


def queue_lengths(broker_url: str) -> dict[str, int] | None:
    """Queue -> messages that wait in it, or None where the broker does not answer in time."""
    app = _app(broker_url)
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
            return {queue: _length(connection, queue) for queue in QUEUES}
    except (OperationalError, OSError, *app.connection_for_write().connection_errors):
        return None


def _length(connection: object, queue: str) -> int:
    channel = connection.channel()  # type: ignore[attr-defined]  # kombu has no types
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:
        return 0  # nothing was ever sent there
    finally:
        channel.close()


@lru_cache(maxsize=1)
def _app(broker_url: str) -> Celery:
    return make_app(broker_url)

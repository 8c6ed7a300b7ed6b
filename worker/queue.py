"""Acts: the queue between processes. Messages carry a review's id and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import kombu.exceptions
from amqp.exceptions import AMQPError  # type: ignore[import-untyped]
from celery import Celery  # type: ignore[import-untyped]
from celery.utils import uuid  # type: ignore[import-untyped]

from worker import tracing

Stage = Literal["prepare", "score", "publish", "conclude", "hear", "weigh", "answer", "group"]
Role = Literal["io", "gpu"]

# Waiting on the network and computing on the device are different queues.
QUEUE_OF: Mapping[str, Role] = {
    "prepare": "io",
    "score": "gpu",
    "publish": "io",
    "conclude": "io",
    "hear": "io",
    "weigh": "gpu",
    "answer": "io",
    "group": "io",
    "sweep": "io",
    "reconcile": "io",
    "look_back": "io",
    "expire": "io",
}
DEFAULT_LONGEST_TASK_S = 900
CONNECT_TIMEOUT_S = 0.5
SENDER_TIMEOUT_S = 0.3
WORKER_TIMEOUT_S = 15.0
# AMQPError: what kombu does not take for an outage, such as a cluster's node that is away.
DOWN = (kombu.exceptions.OperationalError, ConnectionError, AMQPError)
# One quick second try: the row is durable, so failing fast loses nothing.
SEND_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}


class QueueError(Exception):
    """A message could not be sent."""


class BrokerDown(QueueError):
    """The broker does not answer. What was to be sent is in the database; the sweep sends it."""


def make_app(
    broker_url: str,
    *,
    longest_task_s: int = DEFAULT_LONGEST_TASK_S,
    answer_timeout_s: float = SENDER_TIMEOUT_S,
) -> Celery:
    """The Celery app that every process speaks through; no connection is made yet.

    longest_task_s    limit of the longest task; a message that a dead worker held comes back
                      after a little longer
    answer_timeout_s  how long a connected broker may take to answer; a sender has no patience,
                      a worker, which also waits for messages, needs several seconds
    """
    app = Celery("gavel", broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue="io",
        task_routes={task_name(stage): {"queue": queue} for stage, queue in QUEUE_OF.items()},
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker as long as it takes
        broker_connection_timeout=CONNECT_TIMEOUT_S,
        broker_transport_options={
            "visibility_timeout": longest_task_s + 60,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "socket_timeout": answer_timeout_s,
            "socket_keepalive": True,
            "confirm_publish": True,  # RabbitMQ would let a message vanish with its connection
            **SEND_RETRY,
        },
        task_publish_retry_policy=SEND_RETRY,
        enable_utc=True,
        timezone="UTC",
    )
    return app


def task_name(stage: str) -> str:
    """The name under which workers know a stage; senders never import the task itself."""
    return f"gavel.{stage}"


def send(app: Celery, stage: Stage, review_id: int, *, delay_s: float = 0.0) -> None:
    """Queue a stage of a review, to run after `delay_s` seconds.

    The message is the one of `app.send_task`, without what that looks up each time anew: a
    receiver spends more on a message than on a row. Raises BrokerDown within about a second,
    never hangs.
    """
    message = app.amqp.as_task_v2(
        uuid(),
        task_name(stage),
        args=[review_id],
        countdown=delay_s or None,
        ignore_result=True,
        argsrepr=f"[{review_id}]",
        kwargsrepr="{}",
    )
    try:
        with app.producer_pool.acquire(block=True) as producer:
            producer.publish(
                message.body,
                exchange="",
                routing_key=QUEUE_OF[stage],
                headers={**message.headers, **tracing.outgoing()},
                serializer="json",
                declare=[app.amqp.queues[QUEUE_OF[stage]]],
                retry=True,
                retry_policy=SEND_RETRY,
                confirm_timeout=app.conf.broker_transport_options["socket_timeout"],
                **message.properties,
            )
    except DOWN as error:
        raise BrokerDown(
            "the broker does not answer: check that Redis runs and GAVEL_BROKER_URL names it"
        ) from error


def broker_problem(app: Celery) -> str:
    """Why the broker cannot be used, or ""; looks once, for about a second at most."""
    connection = app.connection_for_write()
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1.0)
    except (*DOWN, OSError):
        return "the broker does not answer"
    finally:
        connection.release()
    return ""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import amqp.exceptions
import kombu
import pytest

from worker.queue import BrokerDown, make_app, send

BROKER = "memory://"


@pytest.mark.parametrize(
    ("stage", "queue"),
    [("prepare", "io"), ("score", "gpu"), ("publish", "io"), ("conclude", "io")],
)
def test_each_stage_goes_to_its_queue_with_nothing_but_an_id(stage: str, queue: str) -> None:
    app = make_app(BROKER)
    with app.connection_for_write() as connection:
        waiting = connection.SimpleQueue(queue)
        waiting.clear()
        send(app, stage, 42)
        message = waiting.get(timeout=5)
        message.ack()
        waiting.close()
    args, kwargs, _ = message.payload
    assert (args, kwargs) == ([42], {})
    assert message.headers["task"] == f"gavel.{stage}"
    assert message.content_type == "application/json"


def test_a_dead_broker_is_told_at_once_and_with_a_remedy(tmp_path: Path) -> None:
    app = make_app(f"redis+socket://{tmp_path}/nobody.sock")
    with pytest.raises(BrokerDown, match="GAVEL_BROKER_URL"):
        send(app, "prepare", 1)


@pytest.mark.parametrize(
    "refusal",
    [
        # of a cluster whose node with the queue is away; of one that is short of memory or disk
        amqp.exceptions.NotFound("home node of durable queue is down or inaccessible"),
        amqp.exceptions.InternalError("the queue's process ended"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_broker_that_refuses_a_message_counts_as_down(
    monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(kombu.Producer, "publish", refuse)
    with pytest.raises(BrokerDown, match="GAVEL_BROKER_URL"):
        send(make_app(BROKER), "prepare", 1)


def test_a_message_of_a_dead_worker_comes_back_only_after_the_longest_task() -> None:
    app = make_app(BROKER, longest_task_s=900)
    assert app.conf.broker_transport_options["visibility_timeout"] > 900


def test_a_task_that_dies_with_its_worker_is_given_to_another() -> None:
    conf = make_app(BROKER).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert list(conf.accept_content) == ["json"]


def test_sending_needs_neither_the_tasks_nor_the_model() -> None:
    heavy = [
        "torch",
        "transformers",
        "github",
        "gitlab",
        "worker.tasks",
        "worker.stages",
        "worker.forges",
    ]
    code = f"import sys, worker.queue; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

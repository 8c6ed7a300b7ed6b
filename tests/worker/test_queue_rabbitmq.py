"""The same queue on RabbitMQ: what is sent arrives, what a dead worker held comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import pytest
from celery.contrib.testing.worker import start_worker

from tests.rabbitmq import NoRabbit, Rabbit, rabbitmq
from worker import tasks
from worker.queue import BrokerDown, broker_problem, make_app, send

pytestmark = pytest.mark.journey
PATIENT_S = 60.0


@pytest.fixture(scope="module")
def rabbit() -> Iterator[Rabbit]:
    try:
        with rabbitmq() as server:
            yield server
    except NoRabbit as reason:
        pytest.skip(str(reason))


def test_a_worker_runs_what_was_sent_at_once_and_later(rabbit: Rabbit) -> None:
    app = make_app(rabbit.url, answer_timeout_s=PATIENT_S)
    done: list[int] = []
    all_done = Event()

    def prepare(review_id: int) -> None:
        done.append(review_id)
        if len(done) == 3:
            all_done.set()

    tasks._add(app, prepare, limit_s=60)
    app.conf.worker_enable_remote_control = False
    send(app, "prepare", 1)  # before any worker has ever been there
    with start_worker(
        app, pool="solo", perform_ping_check=False, queues=["io"], shutdown_timeout=PATIENT_S
    ):
        send(app, "prepare", 2, delay_s=0.5)
        send(app, "prepare", 3)
        assert all_done.wait(PATIENT_S)
    app.close()
    assert sorted(done) == [1, 2, 3]


def test_what_a_dead_worker_held_is_delivered_again(rabbit: Rabbit) -> None:
    app = make_app(rabbit.url, answer_timeout_s=PATIENT_S)
    send(app, "score", 7)
    dying = app.connection_for_read()
    held = dying.SimpleQueue(app.amqp.queues["gpu"]).get(timeout=PATIENT_S)
    assert not held.delivery_info["redelivered"]
    dying.transport.close_connection(dying.connection)  # without an acknowledgement
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.amqp.queues["gpu"])
        again = queue.get(timeout=PATIENT_S)
        again.ack()
        queue.close()
    app.close()
    assert (again.payload[0], again.delivery_info["redelivered"]) == ([7], True)


def test_messages_survive_the_brokers_death_and_senders_are_told_of_it(rabbit: Rabbit) -> None:
    app = make_app(rabbit.url, answer_timeout_s=PATIENT_S)
    send(app, "publish", 8)
    time.sleep(1.0)  # RabbitMQ writes to its disk within 200 ms
    rabbit.kill()
    with pytest.raises(BrokerDown):
        send(app, "publish", 9)
    assert broker_problem(app) == "the broker does not answer"
    rabbit.start()
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.amqp.queues["io"])
        kept = queue.get(timeout=PATIENT_S)
        kept.ack()
        queue.close()
    app.close()
    assert kept.payload[0] == [8]

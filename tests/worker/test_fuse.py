from __future__ import annotations

from dataclasses import dataclass, field
from threading import Barrier, Thread

import pytest

from worker.fuse import Fuse
from worker.queue import BrokerDown, Stage


@dataclass
class Broker:
    is_down: bool = False
    now_s: float = 0.0
    tried: list[int] = field(default_factory=list)

    def send(self, _stage: Stage, row_id: int) -> None:
        self.tried.append(row_id)
        if self.is_down:
            raise BrokerDown("away")

    def fuse(self) -> Fuse:
        return Fuse(self.send, rest_s=2.0, clock=lambda: self.now_s)


def test_a_broker_that_answers_is_asked_each_time() -> None:
    broker = Broker()
    send = broker.fuse()
    for row_id in (1, 2, 3):
        send("prepare", row_id)
    assert broker.tried == [1, 2, 3]


def test_one_that_does_not_is_left_alone_for_a_moment_and_then_tried_by_one_caller() -> None:
    broker = Broker(is_down=True)
    send = broker.fuse()
    for row_id in (1, 2, 3):
        with pytest.raises(BrokerDown):
            send("prepare", row_id)
    assert broker.tried == [1]
    broker.now_s = 2.0
    for row_id in (4, 5):
        with pytest.raises(BrokerDown):
            send("prepare", row_id)
    assert broker.tried == [1, 4]


def test_one_that_is_back_is_asked_by_everybody_again() -> None:
    broker = Broker(is_down=True)
    send = broker.fuse()
    with pytest.raises(BrokerDown):
        send("prepare", 1)
    broker.is_down, broker.now_s = False, 2.5
    for row_id in (2, 3):
        send("prepare", row_id)
    assert broker.tried == [1, 2, 3]


def test_nobody_waits_for_the_caller_who_tries_again() -> None:
    at_it, told = Barrier(2, timeout=10), Barrier(2, timeout=10)
    broker = Broker(is_down=True)

    def slow(stage: Stage, row_id: int) -> None:
        if row_id == 2:
            at_it.wait()
            told.wait()
        broker.send(stage, row_id)

    send = Fuse(slow, rest_s=2.0, clock=lambda: broker.now_s)
    with pytest.raises(BrokerDown):
        send("prepare", 1)
    broker.now_s, broker.is_down = 3.0, False
    trying = Thread(target=send, args=("prepare", 2))
    trying.start()
    at_it.wait()
    with pytest.raises(BrokerDown, match="a moment ago"):
        send("prepare", 3)
    told.wait()
    trying.join()
    send("prepare", 4)
    assert broker.tried == [1, 2, 4]

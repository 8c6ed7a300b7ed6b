from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from worker.store import feedback
from worker.store.feedback import Feedback, Signal

GIVEN = Feedback("github", "d9", "octo/hello", 7, "0123456789abcdef", Signal.RESOLVED)


def test_a_signal_is_kept_once_per_delivery(engine: Engine, now: datetime) -> None:
    assert feedback.record(engine, GIVEN, now=now)
    assert not feedback.record(engine, GIVEN, now=now)
    assert feedback.about(engine, GIVEN.fingerprint) == [GIVEN]


def test_other_snippets_have_no_part_in_it(engine: Engine, now: datetime) -> None:
    feedback.record(engine, GIVEN, now=now)
    assert feedback.about(engine, "f" * 16) == []

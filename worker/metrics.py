"""Acts: counts what happens, for Prometheus. Labels are closed sets, never names from a change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded  # type: ignore[import-untyped]
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError

from judge.types import Verdict
from worker.forges.base import Forbidden, Unavailable

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)

OUTCOMES: Sequence[tuple[type[BaseException], str]] = (
    (Unavailable, "unavailable"),
    (Forbidden, "forbidden"),
    (SoftTimeLimitExceeded, "late"),
    (SQLAlchemyError, "database"),
)
FORGE_OUTCOMES = frozenset({"unavailable", "forbidden"})

_STAGE_SECONDS = Histogram(
    "gavel_stage_seconds",
    "Seconds that a stage of a review took, by how it ended.",
    ["stage", "outcome"],
    buckets=SECONDS,
)
_VERDICTS = Counter("gavel_verdicts", "Snippets, by whether they were judged.", ["kind"])
_REVIEWS = Counter("gavel_reviews", "Published reviews, by their conclusion.", ["conclusion"])
_FAILED = Counter(
    "gavel_reviews_failed", "Reviews that were given up, by the stage that failed.", ["stage"]
)
_FORGE_ERRORS = Counter(
    "gavel_forge_errors", "Stages that a forge kept from ending.", ["forge", "kind"]
)
_JUDGE_SECONDS = Counter("gavel_judge_seconds", "Seconds of the judge: what a review costs.")


def stage(name: str, *, forge: str) -> AbstractContextManager[None]:
    """Count a stage that runs in the block, its seconds, and how it ended."""
    return _Stage(name, forge)


@dataclass(slots=True)
class _Stage(AbstractContextManager[None]):
    name: str
    forge: str
    started: float = 0.0

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        outcome = "done" if error is None else _outcome(error)
        _STAGE_SECONDS.labels(self.name, outcome).observe(time.perf_counter() - self.started)
        if outcome in FORGE_OUTCOMES:
            _FORGE_ERRORS.labels(self.forge, outcome).inc()


def judged(verdicts: Sequence[Verdict], seconds: float) -> None:
    """Snippets were judged, or abstained from."""
    abstained = sum(one.abstained for one in verdicts)
    _VERDICTS.labels("abstained").inc(abstained)
    _VERDICTS.labels("judged").inc(len(verdicts) - abstained)
    _JUDGE_SECONDS.inc(max(seconds, 0.0))


def published(conclusion: str) -> None:
    """A review was published."""
    _REVIEWS.labels(conclusion).inc()


def failed(stage: str) -> None:
    """A review was given up in a stage, with the reason in its row."""
    _FAILED.labels(stage).inc()


def _outcome(error: BaseException) -> str:
    return next((word for kind, word in OUTCOMES if isinstance(error, kind)), "fault")

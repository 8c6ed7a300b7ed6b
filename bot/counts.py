"""Acts: counts what the receiver answers, for Prometheus. Labels are closed sets."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_DELIVERIES = Counter(
    "gavel_deliveries", "Deliveries received, by the status of the answer.", ["forge", "code"]
)
_ANSWER_SECONDS = Histogram(
    "gavel_answer_seconds", "Seconds from a delivery's arrival to its answer.", buckets=SECONDS
)


def answered(forge: str, code: int, seconds: float) -> None:
    """A delivery of a known forge was answered."""
    _DELIVERIES.labels(forge, str(code)).inc()
    _ANSWER_SECONDS.observe(seconds)

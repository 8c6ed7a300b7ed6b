"""How tests ask a box what becomes of a candidate."""

from __future__ import annotations

from judge.train.sandbox import Box

TESTS = "def check(candidate):\n    assert candidate(1) == 2\n"
RIGHT = "def f(x):\n    return x + 1\n"
SECRET = "a secret of the parent"


def request(
    source: str, *, test: str = TESTS, call_s: float = 1.0, wall_s: float = 3.0
) -> dict[str, object]:
    return {
        "prompt": "",
        "source": source,
        "test": test,
        "entry": "f",
        "seed": 0,
        "call_s": call_s,
        "probe_s": 0.5,
        "wall_s": wall_s,
        "probes": [([5], {}), (["a"], {})],
    }


def answer(box: Box, source: str, *, test: str = TESTS, call_s: float = 1.0) -> dict[str, object]:
    return box.test(request(source, test=test, call_s=call_s), within_s=60)


def outcome(box: Box, source: str) -> object:
    return answer(box, source)["outcome"]


def seen(box: Box, source: str) -> object:
    """What f(1) of `source` returns, as a probe of a candidate that passes its tests."""
    told = box.test(request(source, test="", wall_s=30.0), within_s=60)  # a machine may be busy
    assert told["outcome"] == "passed"
    replies = told["replies"]
    assert isinstance(replies, list)
    assert replies[0][0] == "value", replies
    return replies[0][1]

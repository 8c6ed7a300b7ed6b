from __future__ import annotations

import pytest

from judge.train.endings import read
from judge.train.sandbox import Ended

PASSWORD = "0123456789abcdef"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (Ended(0, f"noise\n{PASSWORD}\n", "", "", 0.1), "passed"),
        (Ended(0, "", "", "", 0.1), "exception:Exit"),
        (Ended(0, "passed\n", "", "", 0.1), "exception:Exit"),
        (Ended(3, f"{PASSWORD}\n", "", "", 0.1), "exception:Exit"),
        (Ended(0, f"{PASSWORD}\n", "", "time", 0.1), "timeout"),
        (Ended(-24, "", "", "", 5.0), "timeout"),
        (Ended(-11, "", "", "", 0.1), "exception:Signal11"),
        (Ended(-9, "", "", "output", 0.1), "exception:TooMuchOutput"),
        (Ended(-9, "", "", "cell", 0.1), "harness:Cell"),
        (Ended(3, '{"kind": "assertion", "name": ""}\n', "", "", 0.1), "assertion"),
        (
            Ended(3, '{"kind": "exception", "name": "TypeError"}', "", "", 0.1),
            "exception:TypeError",
        ),
        (Ended(3, '{"kind": "passed"}', "", "", 0.1), "exception:Exit"),
        (Ended(3, "{broken", "", "", 0.1), "exception:Exit"),
        (Ended(134, "", "heap out of memory", "", 0.1), "exception:OutOfMemory"),
    ],
)
def test_only_the_password_after_a_clean_end_is_a_pass(ended: Ended, expected: str) -> None:
    assert read(ended, PASSWORD) == expected

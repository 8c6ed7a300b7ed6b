from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from judge.evaluate.sample import Sample
from judge.evaluate.swapped import turned, turning
from judge.train.changes import diff_of
from judge.train.history_functions import Unit

MANY = "".join(f"    {name} = 1\n" for name in "abcdefghij")
BEFORE = f"def f(x):\n    if x:\n        return x\n{MANY}    return 0"
AFTER = BEFORE.replace("if x:", "if x > 0:\n        log(x)").replace("return 0", "return -1")


def unit(code: str, start: int) -> Unit:
    return Unit("f", start, start + code.count("\n"), code)


def row(before: str | None, after: str) -> dict[str, object]:
    old = unit(before, 10) if before is not None else None
    return {"code": after, "diff": diff_of("a.py", old, unit(after, 20)), "label": 1}


def test_a_change_taken_back_is_the_change_from_after_to_before() -> None:
    found = turned(row(BEFORE, AFTER))
    assert found is not None
    assert found["code"] == BEFORE
    assert found["diff"] == diff_of("a.py", unit(AFTER, 20), unit(BEFORE, 10))
    assert found["label"] == 1


def test_taking_back_twice_gives_the_change_itself() -> None:
    given = row(BEFORE, AFTER)
    once = turned(given)
    assert once is not None
    assert turned(once) == given


def test_a_new_function_cannot_be_taken_back() -> None:
    assert turned(row(None, AFTER)) is None


@pytest.mark.parametrize("diff", ["", "nonsense", "@@ -1 +1 @@\n-a\n+not there\n"])
def test_a_diff_that_does_not_fit_the_code_is_left_out(diff: str) -> None:
    assert turned({"code": AFTER, "diff": diff}) is None


def test_lines_that_look_like_marks_are_code() -> None:
    before, after = "a\n-- b\nc\nd", "a\n++ b\nc\nd"
    found = turned(row(before, after))
    assert found is not None
    assert found["code"] == before


def test_who_understands_changes_turns_with_them(make: Callable[..., Sample]) -> None:
    labels = [1, 0, 1, 0]
    both = make([*labels, *labels], [0.9, 0.2, 0.8, 0.1, 0.1, 0.8, 0.3, 0.9], tasks=[*range(4)] * 2)
    told = turning(both.take(np.arange(4)), both.take(np.arange(4, 8)), resamples=50)
    assert told["auc"].value == 1.0
    assert told["auc_turned"].value == 0.0
    assert told["falls_where_right"].value == 1.0
    assert told["rises_where_wrong"].value == 1.0
    assert told["calls_that_turn"].value == 1.0


def test_who_sees_no_direction_turns_half_of_the_time(make: Callable[..., Sample]) -> None:
    labels, p = [1, 0, 1, 0], [0.9, 0.2, 0.8, 0.1]
    both = make([*labels, *labels], [*p, *p], tasks=[*range(4)] * 2)
    told = turning(both.take(np.arange(4)), both.take(np.arange(4, 8)), resamples=50)
    assert told["auc_falls_by"].value == 0.0
    assert told["falls_where_right"].value == 0.5
    assert told["calls_that_turn"].value == 0.0

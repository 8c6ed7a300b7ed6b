import numpy as np
import pytest

from judge.change_head import CHANGE_SIGNALS, ChangeHead, change_inputs, shape_of
from judge.head import Linear
from judge.model import Reading
from judge.types import Example

DIFF = """--- a/f.py
+++ b/f.py
@@ -1,3 +1,4 @@
 def f(x):
-    return x
+    # one more
+    if x:
+        return x + 1
@@ -9,1 +10,1 @@
-++y
+--y
"""
CODE = "def f(x):\n    # one more\n    if x:\n        return x + 1"
READING = Reading(np.zeros((2, 4), np.float32), np.array([-1.0, -3.0], np.float32))


def signals(example: Example) -> dict[str, float]:
    values = change_inputs(example, READING, 0.7).tolist()
    return dict(zip(CHANGE_SIGNALS, values, strict=True))


def test_the_shape_counts_lines_that_look_like_headers_inside_hunks() -> None:
    shape = shape_of(DIFF)
    assert shape.hunks == 2
    assert shape.removed == ("    return x", "++y")
    assert shape.added[-1] == "--y"


def test_signals_tell_what_the_diff_does() -> None:
    found = signals(Example("", CODE, "python", DIFF))
    assert found["function"] == 0.7
    assert found["log_added"] == pytest.approx(np.log(5))
    assert found["log_removed"] == pytest.approx(np.log(3))
    assert found["share_of_comments"] == 0.25
    assert found["depth"] == 2.0
    assert found["is_new"] == 0.0
    assert found["is_described"] == 0.0


def test_a_function_that_is_all_added_is_new() -> None:
    new = "@@ -0,0 +1,4 @@\n" + "".join(f"+{line}\n" for line in CODE.split("\n"))
    found = signals(Example("Add one.", CODE, "python", new))
    assert (found["is_new"], found["is_described"]) == (1.0, 1.0)


def test_a_diff_without_hunks_is_no_crash() -> None:
    found = change_inputs(Example("", CODE, "python", "nonsense"), READING, 0.0)
    assert np.isfinite(found[:12]).all()


def test_the_head_is_a_regression_on_the_signals() -> None:
    size = len(CHANGE_SIGNALS)
    weights = np.zeros(size, np.float32)
    weights[0] = 2.0
    ones = np.ones(size, np.float32)
    head = ChangeHead(Linear(np.zeros(size, np.float32), ones, weights, 0.5), frozenset({"python"}))
    assert head.logit(Example("", CODE, "python", DIFF), READING, 0.7) == pytest.approx(1.9)


def test_what_is_not_known_of_the_past_counts_as_the_mean_of_what_was_learnt() -> None:
    size = len(CHANGE_SIGNALS)
    weights = np.zeros(size, np.float32)
    at = CHANGE_SIGNALS.index("past_file_changes")
    weights[at] = 1.0
    center = np.full(size, np.log1p(9.0), np.float32)
    head = ChangeHead(Linear(center, np.ones(size, np.float32), weights, 0.0), frozenset())
    without = Example("", CODE, "python", DIFF)
    young = Example("", CODE, "python", DIFF, history=(("file_changes", 0.0),))
    assert head.logit(without, READING, 0.0) == pytest.approx(0.0, abs=1e-6)
    assert head.logit(young, READING, 0.0) == pytest.approx(-np.log1p(9.0), rel=1e-5)


def test_a_head_of_fewer_signals_looks_at_the_first_of_them() -> None:
    ones = np.ones(15, np.float32)
    head = ChangeHead(Linear(np.zeros(15, np.float32), ones, ones, 0.0), frozenset())
    past = Example("", CODE, "python", DIFF, history=(("files", 9.0),))
    bare = Example("", CODE, "python", DIFF)
    assert head.logit(past, READING, 0.1) == head.logit(bare, READING, 0.1)

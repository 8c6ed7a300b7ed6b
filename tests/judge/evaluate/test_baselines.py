from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from judge.evaluate.baselines import NAMES, NoBaseline, Texts, added_lines, baseline

DIFF = "--- a\n+++ b\n@@ -1 +1,2 @@\n x\n+y\n"


def texts(labels: list[int], code: list[str] | None = None, tasks: int = 6) -> Texts:
    code = code or [f"return {index}" * (index % 3 + 1) for index in range(len(labels))]
    names = [str(index % tasks) for index in range(len(labels))]
    return Texts(code, [DIFF] * len(labels), np.array(labels), names)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", [None, ["x"] * 12, ["\0\ud800"] * 12])
def test_a_baseline_says_probabilities(name: str, code: list[str] | None) -> None:
    told = baseline(name, texts([0, 0, 1, 1, 0, 1] * 2, code))
    assert np.isfinite(told.p).all() and np.isfinite(told.score).all()
    assert (told.p >= 0).all() and (told.p <= 1).all()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "majority"])
@pytest.mark.parametrize(("labels", "tasks"), [([1] * 6, 3), ([1, 0] * 3, 1)])
def test_what_cannot_be_learned_has_a_reason(name: str, labels: list[int], tasks: int) -> None:
    with pytest.raises(NoBaseline, match=r"class|one only"):
        baseline(name, texts(labels, tasks=tasks))


def test_empty_code_has_no_ngrams() -> None:
    with pytest.raises(NoBaseline, match="the code is empty"):
        baseline("ngrams", texts([1, 0, 0] * 4, [""] * 12, tasks=4))


def test_rows_without_a_diff_have_no_added_lines() -> None:
    rows = Texts(["x", "y"], [DIFF, ""], np.array([0, 1]), ["a", "b"])
    with pytest.raises(NoBaseline, match="diff"):
        baseline("added_lines", rows)


def test_a_baseline_learns_nothing_from_the_task_that_it_speaks_of() -> None:
    # each task has its own word, which tells its label: useless for any other task
    labels = [index % 2 for index in range(20)]
    rows = Texts(
        [f"word{index}" for index in range(20)], [""] * 20, np.array(labels), list("abcdefghij") * 2
    )
    assert roc_auc_score(labels, baseline("ngrams", rows).p) < 0.9


def test_ngrams_learn_what_other_tasks_tell() -> None:
    labels = [0, 0, 1, 1, 0, 1] * 4
    rows = texts(labels, ["good()" if label else "bad[]" for label in labels])
    assert roc_auc_score(labels, baseline("ngrams", rows).p) == 1


def test_an_added_line_of_pluses_is_no_heading() -> None:
    assert added_lines("--- a\n+++ b\n@@ -1 +1,2 @@\n-x\n+++ y\n") == 1
